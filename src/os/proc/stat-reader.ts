/**
 * Reads /proc/PID/stat over kept descriptors, for half the time of opening it anew. A kept one answers ESRCH after the
 * end of its process, so that a later one of the same pid cannot be mistaken for it.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { failureOf, GONE, lacksDescriptors, type ReadFailure, type ReadResult } from './proc-file.ts';
import { emptyStat, type ProcStat } from './stat.ts';
import { lookAtThreads, parsed } from './threads.ts';

/** One process, whatever becomes of its pid. */
export interface KnownProcess {
  readonly pid: number;
  /** As it was last read. */
  readonly stat: ProcStat;
  /** undefined: not kept. */
  fd: number | undefined;
}

export interface StatReader {
  /** Fills `stat` from a process of which nothing is known yet. */
  look(pid: number, stat: ProcStat): ReadResult;
  /** A process as `look` has found it; `stat` is copied. */
  know(pid: number, stat: ProcStat): KnownProcess;
  /** Fills its `stat`; leaves it alone unless `read`. `gone` also when its pid belongs to another process. */
  read(known: KnownProcess): ReadResult;
  forget(known: KnownProcess): void;
  /** Releases all descriptors, and keeps none from now on. */
  keepNone(): void;
  /** Descriptors kept now. */
  readonly keptCount: number;
  /** Releases all descriptors. */
  close(): void;
}

/** The line has at most some 350 bytes. */
const BUFFER_BYTES = 1024;

export function createStatReader(keepAtMost: number): StatReader {
  const bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const fresh = emptyStat();
  const keepers = new Set<KnownProcess>();
  let roomFor = keepAtMost;

  const fill = (pid: number, fd: number, stat: ProcStat): ReadResult => {
    try {
      const result = parsed(bytes, readSync(fd, bytes, 0, BUFFER_BYTES, 0), stat);
      return result.is === 'read' ? lookAtThreads(pid, stat) : result;
    } catch (error) {
      return failureOf(error);
    }
  };

  const letGo = (known: KnownProcess): void => {
    if (known.fd === undefined) return;
    closeSync(known.fd);
    known.fd = undefined;
    keepers.delete(known);
  };

  const letAllGo = (): void => {
    for (const known of keepers) letGo(known);
  };

  const keepNone = (): void => {
    roomFor = 0;
    letAllGo();
  };

  /** When descriptors run out, those who start programs need them more: from then on none is kept. */
  const open = (pid: number): number | ReadFailure => {
    try {
      return openSync(`/proc/${pid}/stat`, 'r');
    } catch (error) {
      const failure = failureOf(error);
      const isExhausted = failure.is === 'unknown' && lacksDescriptors(failure);
      if (!isExhausted || keepers.size === 0) return failure;
      keepNone();
      return open(pid);
    }
  };

  const readAnew = (known: KnownProcess): ReadResult => {
    const fd = open(known.pid);
    if (typeof fd !== 'number') return fd;
    const result = fill(known.pid, fd, fresh);
    const isSame = result.is === 'read' && fresh.startTicks === known.stat.startTicks;
    if (isSame && keepers.size < roomFor) {
      known.fd = fd;
      keepers.add(known);
    } else {
      closeSync(fd);
    }
    if (isSame) Object.assign(known.stat, fresh);
    return result.is === 'read' && !isSame ? GONE : result;
  };

  return {
    look(pid, stat) {
      const fd = open(pid);
      if (typeof fd !== 'number') return fd;
      const result = fill(pid, fd, stat);
      closeSync(fd);
      return result;
    },
    know: (pid, stat) => ({ pid, stat: { ...stat }, fd: undefined }),
    read: (known) => (known.fd === undefined ? readAnew(known) : fill(known.pid, known.fd, known.stat)),
    forget: letGo,
    keepNone,
    get keptCount() {
      return keepers.size;
    },
    close: letAllGo,
  };
}
