/**
 * Reads /proc/PID/stat over kept descriptors, for half the time of opening it anew. A kept one answers ESRCH after the
 * end of its process, so that a later one of the same pid cannot be mistaken for it.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { emptyStat, parseStat, type ProcStat } from './stat.ts';

/** `unreadable`: not now, no descriptor is left. `forbidden`: not for us, it is another user's. */
export type ReadResult = 'read' | 'gone' | 'unreadable' | 'forbidden';

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

  const fill = (fd: number, stat: ProcStat): ReadResult => {
    try {
      return parseStat(bytes, readSync(fd, bytes, 0, BUFFER_BYTES, 0), stat) ? 'read' : 'gone';
    } catch (error) {
      return whatItMeans(error);
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

  /** When descriptors run out, those who start programs need them more: from then on none is kept. */
  const open = (pid: number): number | Exclude<ReadResult, 'read'> => {
    try {
      return openSync(`/proc/${pid}/stat`, 'r');
    } catch (error) {
      if (!isExhaustion(error) || keepers.size === 0) return whatItMeans(error);
      roomFor = 0;
      letAllGo();
      return open(pid);
    }
  };

  const readAnew = (known: KnownProcess): ReadResult => {
    const fd = open(known.pid);
    if (typeof fd !== 'number') return fd;
    const result = fill(fd, fresh);
    const isSame = result === 'read' && fresh.startTicks === known.stat.startTicks;
    if (isSame && keepers.size < roomFor) {
      known.fd = fd;
      keepers.add(known);
    } else {
      closeSync(fd);
    }
    if (isSame) Object.assign(known.stat, fresh);
    return result === 'read' && !isSame ? 'gone' : result;
  };

  return {
    look(pid, stat) {
      const fd = open(pid);
      if (typeof fd !== 'number') return fd;
      const result = fill(fd, stat);
      closeSync(fd);
      return result;
    },
    know: (pid, stat) => ({ pid, stat: { ...stat }, fd: undefined }),
    read: (known) => (known.fd === undefined ? readAnew(known) : fill(known.fd, known.stat)),
    forget: letGo,
    get keptCount() {
      return keepers.size;
    },
    close: letAllGo,
  };
}

const isExhaustion = (error: unknown): boolean => ['EMFILE', 'ENFILE'].includes(codeOf(error));

function whatItMeans(error: unknown): Exclude<ReadResult, 'read'> {
  if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return 'gone';
  return ['EACCES', 'EPERM'].includes(codeOf(error)) ? 'forbidden' : 'unreadable';
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
