/** The supervisor of `procsup start` as a part of a TypeScript program, as its users see it. */
import type {
  AwaitedState,
  Awaited,
  ChangeResult,
  EventRecord,
  LogRecord,
  Replanned,
} from '../../control/api.ts';
import type { PublicExit } from '../../core/process/public-exit.ts';
import type { Problem } from '../../core/problem.ts';
import type { SignalName } from '../../core/process/signals.ts';
import type { InstanceSnapshot } from '../../core/snapshot.ts';

/** `web` means every instance of a process, `web.1` one. One name, or several; none given means all. */
export type Names = string | readonly string[];

/**
 * Something that has happened, as `procsup events --json` tells it. `event` is `missed` where this reader was too slow:
 * `missed` then counts the events that it did not get.
 */
export interface SupervisorEvent extends EventRecord {
  readonly missed?: number;
}

/** A line of output, without its newline. `missed`: no line, but how many were lost to this reader, which is too slow. */
export interface SupervisorLogLine extends LogRecord {
  readonly missed?: number;
}

export interface EventOptions {
  /** Only what is about these. Default: all. */
  readonly names?: Names | undefined;
  /** Begins behind the event of this `seq`; 0: with the oldest that is kept. Default: with what happens from now on. */
  readonly after?: number | undefined;
}

export interface LogOptions {
  /** Only of these. Default: all. */
  readonly names?: Names | undefined;
  /** So many of the latest lines come first. Default 0. */
  readonly lines?: number | undefined;
  /** Goes on with what is written from now on. Default true. */
  readonly follow?: boolean | undefined;
}

export interface StopOptions {
  /** Time between the first signal and SIGKILL, also of a stop that is in progress. 0: SIGKILL at once. Default: that of each process. */
  readonly timeoutMs?: number | undefined;
}

/** How a supervisor has ended. */
export interface SupervisorEnd {
  /**
   * The exit status that `procsup start` would have: 0 after an orderly end, 137 if a process had to be killed for it, 130
   * after a second Ctrl-C, with `onExit: 'stop'` that of the process that ended first.
   */
  readonly status: number;
  /**
   * `closed`: by `close`, an aborted signal, or `procsup down`. `signal`: by one of our process. `exit`: the end of `name`
   * has ended the others. `completed`: all had ended.
   */
  readonly reason: 'closed' | 'signal' | 'exit' | 'completed';
  readonly signal?: SignalName;
  readonly name?: string;
  readonly exit?: PublicExit;
}

/**
 * Runs an application until it is closed. What is asked of it resolves when it has happened, with a result for each
 * instance; that a process fails is a result and no error. It rejects with a `SupervisorError`.
 *
 * It keeps our program alive as long as processes run, and no longer. However our program ends, be it by SIGKILL, nothing
 * that was started outlives it: without `close` the processes get SIGTERM, and SIGKILL a second later.
 */
export interface Supervisor {
  /** Warnings about the files. */
  readonly warnings: readonly Problem[];
  /** Path of the socket on which it can be asked, also by its processes (PROCSUP_SOCKET). Undefined without `control`. */
  readonly socket: string | undefined;
  /** Resolves when it has ended and nothing of it is left. Never rejects. */
  readonly ended: Promise<SupervisorEnd>;
  /** Resolves when they run, or have ended for good already. One that runs is left alone. */
  start(names?: Names): Promise<readonly ChangeResult[]>;
  /** SIGTERM, then SIGKILL after `timeoutMs`. Resolves when they are gone, with all that they have started. */
  stop(names?: Names, options?: StopOptions): Promise<readonly ChangeResult[]>;
  /** Stops and starts; one that does not run is started. */
  restart(names?: Names, options?: StopOptions): Promise<readonly ChangeResult[]>;
  /** Other numbers of instances, which a `reload` keeps: `{ web: 3 }`, or by patterns `{ 'work*': 2 }`. What is new is started, what is too much is stopped. */
  scale(counts: Readonly<Record<string, number>>): Promise<Replanned>;
  /** Reads the files again. What has changed and runs is restarted, what is new is started, what is gone is stopped. */
  reload(): Promise<Replanned>;
  /** To the process groups of those that run; returns their names. What comes of it is theirs. Throws where a name is unknown. */
  signal(names: Names, signal: SignalName): readonly string[];
  /** Writes to the stdin of one instance. Resolves when it has taken everything. `end` closes its stdin afterwards. */
  write(name: string, data: string | Uint8Array, options?: { readonly end?: boolean }): Promise<void>;
  /**
   * Resolves when each is in this state, or never will be; see `outcome`. `running`, `exited`, or `ready` (the default).
   * Rejects with the reason of `signal` when that is aborted: `AbortSignal.timeout(5000)`.
   */
  wait(
    names?: Names,
    state?: AwaitedState,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Awaited[]>;
  /** What `procsup ps --json` prints. CPU and memory are measured now. */
  ps(names?: Names): Promise<readonly InstanceSnapshot[]>;
  /**
   * What happens, from now on. Throws where a name is unknown. The latest 1000 events are kept for all readers; one that is slower than that misses the
   * oldest, and is told how many. Ends with the supervisor, or when the reader leaves the loop.
   */
  events(options?: EventOptions): AsyncIterableIterator<SupervisorEvent>;
  /**
   * What the processes write, from now on. Throws where a name is unknown. The latest output is kept for all readers, 8 MiB in all and 1 MiB of each
   * process; one that is slower than that misses the oldest lines, and is told how many. No process ever waits for a
   * reader. A line that is longer than 64 KiB comes in pieces. Ends with the supervisor, or when the reader leaves the loop.
   */
  logs(options?: LogOptions): AsyncIterableIterator<SupervisorLogLine>;
  /** Stops everything in order, and resolves when nothing of it is left. Again has no effect, except with another `timeoutMs`. */
  close(options?: StopOptions): Promise<SupervisorEnd>;
  /** `await using supervisor = await createSupervisor(...)`: `close` at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}
