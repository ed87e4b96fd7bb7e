import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { readNames, textOrNothing } from '../proc/proc-file.ts';

const O_CLOEXEC = 0o2000000;
/** Node has marked all below at its start. */
const FIRST_TO_LOOK_AT = 16;

export interface DescriptorUse {
  readonly open: number;
  /** Node has raised it to the hard limit at its start. Infinity where there is none. */
  readonly limit: number;
}

/** Undefined where the system does not tell (it has no /proc). */
export function descriptorUse(): DescriptorUse | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(textOrNothing('/proc/self/limits'))?.[1];
  const fds = readNames('/proc/self/fd');
  if (soft === undefined || fds.is !== 'read') return undefined;
  // The listing itself has one.
  return { open: fds.names.length - 1, limit: soft === 'unlimited' ? Infinity : Number(soft) };
}

/**
 * Closes inherited descriptors, so that our children see only 0, 1 and 2. Node sets close-on-exec on the ones it finds
 * at its start, but stops at the first gap after 15. All of our own have it set: the others were inherited. To be called
 * after the user's files were read, because `-f <(...)` is such a descriptor. Linux only: elsewhere the flag cannot be
 * read.
 */
export function closeInherited(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd >= FIRST_TO_LOOK_AT && isInherited(fd)) closeSync(fd);
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // The descriptor of the listing itself.
  }
}
