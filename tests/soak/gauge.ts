/**
 * What can be seen of a daemon from outside. Its timers cannot: one that was forgotten and fires again and again shows
 * itself as wake-ups of an idle process, and what waits for the network or for a file as a descriptor.
 */
import { readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, read } from '../helpers/proc.ts';

export interface Reading {
  readonly descriptors: number;
  /** By kind: `socket`, `pipe`, `/proc/PID/stat` ... */
  readonly kinds: Readonly<Record<string, number>>;
  readonly residentBytes: number;
  readonly threads: number;
  readonly children: number;
  readonly zombies: number;
  /** Files in the directories in which nothing may pile up, and their sizes. */
  readonly files: number;
  readonly fileBytes: number;
}

export function readGauge(pid: number, directories: readonly string[]): Reading {
  const kinds = descriptorKinds(pid);
  const status = read(`/proc/${String(pid)}/status`);
  const states = childStates(pid);
  const sizes = directories.flatMap(sizesIn);
  return {
    descriptors: Object.values(kinds).reduce((sum, count) => sum + count, 0),
    kinds,
    residentBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? NaN) * 1024,
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? NaN),
    children: states.length,
    zombies: states.filter((state) => state === 'Z').length,
    files: sizes.length,
    fileBytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** How often its main thread was woken until now. */
export function wakeUpsOf(pid: number): number {
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read(`/proc/${String(pid)}/status`))?.[1] ?? NaN);
}

/** Sizes in bytes of all files below a directory. */
export function sizesIn(directory: string): readonly number[] {
  return entriesOf(directory, true).flatMap(
    (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? [],
  );
}

function descriptorKinds(pid: number): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const fd of entriesOf(`/proc/${String(pid)}/fd`)) {
    const kind = kindOf(`/proc/${String(pid)}/fd/${fd}`);
    if (kind !== undefined) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

/** `socket:[123]` is a socket; numbers in paths are as good as each other. Undefined: closed meanwhile. */
function kindOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
      .replace(/:\[\d+\]$/, '')
      .replace(/^\/proc\/\d+/, '/proc/PID')
      .replace(/^.*\/procsup-[^/]*\/\d+ \(deleted\)$/, 'fifo')
      .replace(/^.*\/logs\/.*$/, 'log');
  } catch {
    return undefined;
  }
}

/** `R`, `S`, `Z` ... of each child. */
function childStates(parent: number): readonly string[] {
  return entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      const [state = '', parentOf] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(parentOf) === parent ? [state] : [];
    });
}
