/**
 * What the inner layers need of the world, each declared for its consumer and no wider. `src/os` implements them,
 * `src/cli/wire.ts` brings both together, and `tests/contract` holds one suite for each that the real adapter and
 * the fake of the tests both pass.
 */
import type { Exit } from './core/exit.ts';
import type { SignalName } from './core/signals.ts';

/** Time. `now` is in milliseconds, monotonic, of unknown origin; `wallNow` is a Unix timestamp in milliseconds. */
export interface Clock {
  now(): number;
  wallNow(): number;
  /** Calls back once after `ms` milliseconds, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

// ---- Output ------------------------------------------------------------------------------------------------------

/** The read end of one kernel pipe. Every pipe reads into the same buffer, given to the `OpenReader`. */
export interface PipeReader {
  /** Stops `data` calls until `resume`. Idempotent. */
  pause(): void;
  resume(): void;
  /** Reads once, at once: a number of bytes now in the buffer, `empty` when a read would wait, `end` at end of file. */
  readNow(): number | 'empty' | 'end';
  /** Releases the descriptor; no callback comes afterwards. */
  close(): void;
}

export interface PipeReaderEvents {
  /** The first `byteCount` bytes of the shared buffer are new; they are valid during the call only. */
  data(byteCount: number): void;
  /** Every writer is gone and everything was read. Called at most once, never after `close`. */
  end(): void;
}

/** Starts reading `fd` (a non-blocking descriptor that the reader now owns), at once. */
export type OpenReader = (fd: number, events: PipeReaderEvents) => PipeReader;

/** Where our own output goes: a terminal, a pipe, a file, a socket. Never blocks the event loop. */
export interface Sink {
  /** A terminal shows it, so control sequences must be made harmless. */
  readonly isTerminal: boolean;
  /**
   * True: all bytes were taken, the buffer may be reused. False: the sink has kept a copy of what was not taken
   * yet; do not write again until `drain` is called.
   */
  write(bytes: Uint8Array): boolean;
  listen(events: SinkEvents): void;
  /** Releases what the sink holds; whatever was not taken is dropped. Returns the number of dropped bytes. */
  close(): number;
}

export interface SinkEvents {
  /** All kept bytes are gone; writing may go on. */
  drain(): void;
  /** The reader has gone for good (EPIPE, EIO after a hangup): further writes are dropped and return true. Called once. */
  gone(): void;
  /** The bytes cannot be written for now (ENOSPC); they are kept and tried again. Called once for each such episode. */
  stuck(reason: string): void;
}

// ---- Processes ---------------------------------------------------------------------------------------------------

export interface LaunchRequest {
  /** Marks the process and all its descendants, so that those who left its group can be found. */
  readonly runId: string;
  readonly script: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Launched {
  readonly pid: number;
  /** Read end of the pipe that is the child's stdout and stderr, non-blocking; null where the child has ours. */
  readonly output: number | null;
}

/** Starts programs. A child leads its own session and process group, named by its pid. */
export interface Launcher {
  /** `onExit` comes once, when the program itself has ended, and never before `launch` returned. */
  launch(request: LaunchRequest, onExit: (exit: Exit) => void): Launched | Extract<Exit, { by: 'refusal' }>;
}

/** A launched process together with whatever it started and did not end. */
export interface Families {
  /** Signals the process group led by `pid`, and with it those that left the group where they can be found. */
  signal(family: Family, signal: SignalName): void;
  /** After the leader's exit: the pids of those that remain in its group. Zombies do not count. */
  groupSurvivors(family: Family): readonly number[];
  /** Those that left the group and the session but carry the run's mark. Reads all of /proc; empty where there is none. */
  strays(family: Family): readonly number[];
}

export interface Family {
  readonly pid: number;
  readonly runId: string;
}
