import { closeSync, readdirSync, readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;
/** Node has marked all below at its start. */
const FIRST_TO_LOOK_AT = 16;

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
