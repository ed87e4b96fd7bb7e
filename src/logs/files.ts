/**
 * The log files of all processes: when they are written, and what happens while they cannot be.
 *
 * A file is written when much waits for it, and otherwise FLUSH_MS after the first of what waits. When the system
 * refuses (a full disk, no descriptors), nothing is written any more, the rings go on, and once in RETRY_MS everything is
 * tried again. Only what a ring had to overwrite meanwhile is lost, and that is counted.
 */
import type { Clock } from '../ports/clock.ts';
import { errnoOf, type LogDisk } from './disk.ts';
import { createLogFile, type LogFile } from './file.ts';
import type { LogRing } from './ring.ts';

const FLUSH_MS = 100;
const RETRY_MS = 1_000;
const MUCH_BYTES = 64 * 1024;
const MOST_OPEN = 64;

export interface LogLoss {
  /** What no file has, since we began; it may be nothing, where a ring has all of it still. */
  readonly bytes: number;
  readonly lines: number;
  /** The last error, as `ENOSPC`, and when it first came. */
  readonly reason: string;
  readonly sinceMs: number;
  /** It lasts: nothing is being written. */
  readonly isNow: boolean;
}

export interface LogFilesOptions {
  readonly disk: LogDisk;
  readonly directory: string;
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** So many of those written to last keep their two descriptors. Default 64. */
  readonly mostOpen?: number | undefined;
  /** Files cannot be written. Once for each such episode. */
  readonly onLoss: (reason: string) => void;
  /** They can again; so much was lost meanwhile. */
  readonly onRecovered: (lostBytes: number) => void;
}

export interface LogFiles {
  readonly loss: LogLoss | null;
  /** Begins to write this ring's records, from now on. To be told whenever there are more. */
  add(ring: LogRing, mostBytes: () => number): { readonly wrote: () => void; readonly remove: () => void };
  /** Writes all that waits. */
  flush(): void;
  close(): void;
}

export function createLogFiles(options: LogFilesOptions): LogFiles {
  const { clock, onLoss, onRecovered, mostOpen = MOST_OPEN } = options;
  const files = new Set<LogFile>();
  const waiting = new Set<LogFile>();
  const open = new Set<LogFile>();
  let cancelTimer: (() => void) | undefined;
  let trouble: { readonly reason: string; readonly sinceMs: number; readonly lostBefore: number } | undefined;
  let isNow = false;
  /** Of files that are gone. */
  const lostBefore = { bytes: 0, lines: 0 };

  const lost = (): { bytes: number; lines: number } => {
    const sum = { ...lostBefore };
    for (const file of files) {
      sum.bytes += file.lostBytes;
      sum.lines += file.lostLines;
    }
    return sum;
  };

  const arm = (): void => {
    cancelTimer ??= clock.after(isNow ? RETRY_MS : FLUSH_MS, () => {
      cancelTimer = undefined;
      writeAll();
    });
  };

  const keepFewOpen = (file: LogFile): void => {
    open.delete(file);
    if (file.isOpen) open.add(file);
    if (open.size <= mostOpen) return;
    for (const oldest of open) {
      oldest.release();
      open.delete(oldest);
      break;
    }
  };

  /** False when the system refuses. */
  const write = (file: LogFile): boolean => {
    try {
      file.write();
    } catch (error) {
      file.release();
      fail(errnoOf(error));
      return false;
    }
    waiting.delete(file);
    keepFewOpen(file);
    return true;
  };

  const writeAll = (): void => {
    for (const file of waiting) write(file);
    cancelTimer?.();
    cancelTimer = undefined;
    if (waiting.size > 0) arm();
    else if (isNow) recover();
  };

  const fail = (reason: string): void => {
    if (isNow) return;
    isNow = true;
    trouble = { reason, sinceMs: clock.wallNow(), lostBefore: lost().bytes };
    cancelTimer?.();
    cancelTimer = undefined;
    arm();
    onLoss(reason);
  };

  const recover = (): void => {
    isNow = false;
    onRecovered(lost().bytes - (trouble?.lostBefore ?? 0));
  };

  return {
    get loss() {
      return trouble === undefined
        ? null
        : { ...lost(), reason: trouble.reason, sinceMs: trouble.sinceMs, isNow };
    },

    add(ring, mostBytes) {
      const file = createLogFile({ ...options, ring });
      files.add(file);
      return {
        wrote() {
          waiting.add(file);
          if (isNow) return;
          const much = Math.min(MUCH_BYTES, mostBytes() / 2);
          if (file.waitingBytes >= much || file.waitingRecords * 128 >= mostBytes()) write(file);
          else arm();
        },
        remove() {
          if (waiting.has(file)) write(file);
          file.close();
          lostBefore.bytes += file.lostBytes;
          lostBefore.lines += file.lostLines;
          files.delete(file);
          waiting.delete(file);
          open.delete(file);
        },
      };
    },

    flush: writeAll,

    close() {
      writeAll();
      cancelTimer?.();
      cancelTimer = undefined;
      for (const file of files) file.close();
      waiting.clear();
    },
  };
}
