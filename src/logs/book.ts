/**
 * The recent output of every process, kept in memory (log-ring) and in files (log-files), and read across both.
 *
 * Everything that is recorded gets a stamp (log-stamp), which orders it among all processes and says where files end
 * and rings begin. Recording never waits: not for the disk, not for a reader. One line of ours or of a program's is not
 * known as such until it is read: bytes are kept as they came.
 */
import type { Clock } from '../ports/clock.ts';
import type { LogDisk } from './disk.ts';
import type { LogFiles, LogLoss } from './files.ts';
import { createFollower, type FollowQuery, type LogFollower, type OpenFollower } from './follow.ts';
import type * as OnDisk from './on-disk.ts';
import { isLogName } from './paths.ts';
import { wantedNames, type LogEntry, type LogQuery } from './query.ts';
import type { readRecorded } from './read.ts';
import { createLogRing, type LogRing } from './ring.ts';
import type { LogRun } from './runs.ts';
import { createRecorded } from './source.ts';
import { createLogStamps } from './stamp.ts';
import { createLogTurns } from './turns.ts';

export interface LogBookOptions {
  readonly clock: Clock;
  /** How many processes will share the memory; more than that make the share of each smaller. */
  readonly instances: number;
  /** The instances of the application; the files of others are removed a week after their last write. Default: none are. */
  readonly names?: readonly string[];
  /** Where the files are; made if need be. null: memory only. */
  readonly directory: string | null;
  /** What keeps them, where there is a directory. */
  readonly onDisk?: typeof OnDisk;
  /** Memory for all, and for each at least and at most. 8 MiB, 16 KiB, 1 MiB. */
  readonly ringBytes?: number;
  readonly leastRingBytes?: number;
  readonly mostRingBytes?: number;
  /** A file that would become larger is put aside; 10 MiB, at most 2 GiB. So many are kept of each process; 3. */
  readonly maxFileBytes?: number;
  readonly maxFiles?: number;
  /** So many keep their two descriptors. Default 64. */
  readonly mostOpenFiles?: number;
  /** Files cannot be written, for this reason (`ENOSPC`); it is tried again each second. Once for each episode. */
  readonly onLoss?: (reason: string) => void;
  /** They can again; so many bytes are in no file. */
  readonly onRecovered?: (lostBytes: number) => void;
  readonly disk?: LogDisk;
}

export interface LogWriter {
  /** The bytes are copied. */
  write(bytes: Uint8Array): void;
  /** The program has ended and this was all: what comes next begins a new line. Idempotent. */
  endRun(): void;
}

export interface LogBook {
  /** `web.1`, or `system` for our own lines. Throws for what is no such name. */
  writer(name: string): LogWriter;
  /**
   * What was recorded until now, in batches, in the order in which lines began. An unfinished last line is given as it is;
   * what is left of a line whose beginning is not kept any more is given too.
   */
  read(query: LogQuery): AsyncGenerator<readonly LogEntry[]>;
  /**
   * What is recorded from now on; only whole lines, or the unfinished last one of a run that has ended, or
   * with `late` what there is of a line after half a second. `wake` is called
   * when there may be something to take, and not again before `take` was called.
   */
  follow(query: FollowQuery, wake: () => void): LogFollower;
  /** Of earlier supervisors and, as the last, of this one. */
  readonly runs: readonly LogRun[];
  /** Of what there is recorded output, in memory or in files. */
  names(): readonly string[];
  /** What could not be written to files, since we began; null: nothing. */
  readonly loss: LogLoss | null;
  /** Writes to the files what waits for it. */
  flush(): void;
  /** Flushes and lets go of everything. What is written afterwards is dropped. */
  close(): void;
  /**
   * The instance is gone: lets go of its memory and closes its files, which stay for a week. What is in no file (there are
   * none, or they cannot be written now) stays in memory.
   */
  forget(name: string): void;
}

interface Kept {
  readonly ring: LogRing;
  readonly file: ReturnType<LogFiles['add']> | undefined;
  isForgotten: boolean;
}

const MIB = 1024 * 1024;
const LARGEST_FILE_BYTES = 2048 * MIB;

export function createLogBook(options: LogBookOptions): LogBook {
  const { clock, maxFiles = 3 } = options;
  const place = placeOf(options);
  const stamps = createLogStamps(clock);
  const turns = createLogTurns(clock);
  const kept = new Map<string, Kept>();
  const current = new Set(['system', ...(options.names ?? [])]);
  const followers = new Set<OpenFollower>();
  const archive = place?.onDisk.createLogArchive(place.disk, place.directory);
  const files = place && openFiles(place);
  let shareBytes = shareOf(options, options.instances);
  const runs = beginRun();
  let isClosed = false;

  function openFiles({ onDisk, disk, directory }: Place): LogFiles {
    stamps.raise(onDisk.takeOverLogs(disk, directory, maxFiles));
    removeFilesOfGone();
    return onDisk.createLogFiles({
      disk,
      directory,
      clock,
      maxFiles,
      mostOpen: options.mostOpenFiles,
      maxBytes: Math.min(LARGEST_FILE_BYTES, options.maxFileBytes ?? 10 * MIB),
      onLoss: options.onLoss ?? (() => undefined),
      onRecovered: options.onRecovered ?? (() => undefined),
    });
  }

  function beginRun(): readonly LogRun[] {
    const since = new Date(clock.wallNow()).toISOString();
    const run: LogRun = { stamp: stamps.seal(), since, pid: process.pid };
    if (place === undefined) return [run];
    const { onDisk, disk, directory } = place;
    const earlier = onDisk.readRuns(disk, directory);
    onDisk.addRun(disk, directory, run);
    return [...earlier, run];
  }

  function removeFilesOfGone(): void {
    if (place === undefined || options.names === undefined) return;
    const isGone = (name: string): boolean => !current.has(name) && !kept.has(name);
    place.onDisk.removeOldLogs(place.disk, place.directory, clock.wallNow(), isGone);
  }

  const share = (): void => {
    const bytes = shareOf(options, Math.max(options.instances, kept.size));
    if (bytes === shareBytes) return;
    shareBytes = bytes;
    // What a ring forgets now is in the files.
    files?.flush();
    for (const { ring } of kept.values()) ring.limit(bytes);
  };

  const keep = (name: string): Kept => {
    const found = kept.get(name);
    if (found !== undefined) return found;
    if (!isLogName(name)) throw new Error(`no name for a log: ${JSON.stringify(name)}`);
    const ring = createLogRing(name, stamps, shareBytes);
    const made: Kept = { ring, file: files?.add(ring, () => shareBytes), isForgotten: false };
    kept.set(name, made);
    share();
    for (const follower of followers) if (follower.wants(name)) follower.add(ring);
    return made;
  };

  const notify = (name: string): void => {
    for (const follower of followers) if (follower.wants(name)) follower.notify();
  };

  const flush = (): void => files?.flush();

  const recordedNames = (): readonly string[] => [...new Set([...kept.keys(), ...(archive?.names() ?? [])])];

  return {
    writer(name) {
      let log = keep(name);
      /** Late words of an instance that was forgotten already. */
      const open = (): Kept => (log.isForgotten ? (log = keep(name)) : log);
      return {
        write(bytes) {
          if (isClosed) return;
          const { ring, file } = open();
          ring.append(bytes, file?.wrote);
          notify(name);
        },
        endRun() {
          if (isClosed) return;
          const { ring, file } = open();
          ring.endRun();
          file?.wrote();
          notify(name);
        },
      };
    },

    read(query) {
      const until = stamps.seal();
      const names = wantedNames(query, recordedNames());
      const all = names.map((name) =>
        createRecorded({ name, ring: kept.get(name)?.ring, archive, until, flush }),
      );
      return readLater(all, query, { stamps, turns });
    },

    follow(query, wake) {
      const follower = createFollower(query, clock, wake);
      for (const { ring } of kept.values()) if (follower.wants(ring.name)) follower.add(ring);
      followers.add(follower);
      return {
        take: (most) => follower.take(most),
        close() {
          followers.delete(follower);
          follower.close();
        },
      };
    },

    names: recordedNames,
    runs,

    get loss() {
      return files?.loss ?? null;
    },
    flush,

    close() {
      isClosed = true;
      files?.close();
      for (const follower of followers) follower.close();
      followers.clear();
    },

    forget(name) {
      const log = kept.get(name);
      if (log === undefined) return;
      flush();
      if (files === undefined || files.loss?.isNow === true) return;
      log.isForgotten = true;
      log.ring.endRun();
      log.file?.wrote();
      log.file?.remove();
      kept.delete(name);
      for (const follower of followers) follower.leave(log.ring);
      current.delete(name);
      removeFilesOfGone();
    },
  };
}

interface Place {
  readonly onDisk: typeof OnDisk;
  readonly disk: LogDisk;
  readonly directory: string;
}

function placeOf({ directory, onDisk, disk }: LogBookOptions): Place | undefined {
  if (directory === null) return undefined;
  if (onDisk === undefined) throw new Error('nothing is there to keep logs in files');
  return { onDisk, disk: disk ?? onDisk.nodeDisk, directory };
}

/** What is to be read is settled before; what reads it is loaded for the first one who asks. */
async function* readLater(
  ...[recorded, query, reading]: Parameters<typeof readRecorded>
): ReturnType<typeof readRecorded> {
  yield* (await import('./read.ts')).readRecorded(recorded, query, reading);
}

function shareOf(
  { ringBytes = 8 * MIB, leastRingBytes = 16 * 1024, mostRingBytes = MIB }: LogBookOptions,
  instances: number,
): number {
  const share = Math.floor(ringBytes / Math.max(1, instances));
  return Math.max(leastRingBytes, Math.min(mostRingBytes, share));
}
