/**
 * The requests that a supervisor answers, independent of any transport. Handlers know only this interface; host/api.ts
 * implements it with the real parts, tests/helpers/fake-api.ts fakes it.
 */
import type { StartReport } from '../core/start-report.ts';
import type { Asker, Verb } from '../core/events.ts';
import type { CapSnapshot } from '../core/fleet/caps.ts';
import type { CapUse } from '../core/plan/process-plan.ts';
import type { PublicExit } from '../core/process/public-exit.ts';
import type { InstanceSnapshot } from '../core/snapshot.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { RequestOptions } from '../core/fleet/state.ts';
import type { TicketResult } from '../core/fleet/tickets.ts';
import type { Selection } from '../core/plan/select.ts';
import type { HeldThing } from '../core/exchange/held.ts';
import type { ProcessHolds } from './holds-api.ts';
import type { PoolApi } from './pool-api.ts';
import type { SharedMemoryProblem, SharedMemoryRecord } from '../core/shared-memory.ts';
import type { HeldCaps } from '../runtime/cap-claims.ts';
import type { Exchange } from '../runtime/exchange/exchange.ts';

export interface About {
  readonly root: string;
  readonly pid: number;
  readonly version: string;
  readonly mode: 'foreground' | 'daemon' | 'library';
  readonly socket: string;
  /** The absolute path of the Procfile that `reload` reads; null if there is none. */
  readonly procfile: string | null;
  /** PORT of the first instance of the first process. */
  readonly portBase: number;
  /** ISO time of its start. */
  readonly since: string;
  /** Names of all instances, in the order of the Procfile. */
  readonly instances: readonly string[];
  /** Number of the latest event. */
  readonly lastEvent: number;
  /** Remarks for the user, one sentence each: how the last supervisor exited, logs that cannot be written. */
  readonly remarks: readonly string[];
}

/** An instance; on request also what takes longer to measure. */
export interface DetailedSnapshot extends InstanceSnapshot {
  /** Proportional set size of the process tree in bytes, and its open descriptors; null if the system does not tell. */
  readonly pss?: number | null;
  readonly descriptors?: number | null;
}

/** A public event; further properties depend on `event`. */
export interface EventRecord {
  readonly seq: number;
  readonly time: string;
  readonly event: string;
  readonly name?: string;
  /** The event in words. */
  readonly text: string;
  readonly [detail: string]: unknown;
}

/** The event that has decided the state of an instance, in words that go on after "web.1 is stopped:". */
export interface Reason {
  readonly seq: number;
  readonly time: string;
  readonly event: string;
  readonly text: string;
}

/** The outcome of a request for one instance. */
export interface ChangeResult extends Omit<TicketResult, 'exit'> {
  readonly exit: PublicExit | null;
}

/** The changes made by `scale` and `reload`, by names of instances. */
export interface Replanned {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly results: readonly ChangeResult[];
  /** Warnings in the files. */
  readonly warnings: readonly string[];
}

/** A request that cannot be carried out; the user can do something about it. */
export interface Impossible {
  readonly impossible: readonly { readonly message: string; readonly remedy?: string }[];
}

export interface LogRecord {
  readonly time: string;
  readonly name: string;
  readonly text: string;
  /** The line in base64, if it is not valid UTF-8. */
  readonly base64?: string;
  /** A piece: the line goes on in the next record of this name, for it is over 64 KiB long or its rest is late. */
  readonly unfinished?: 'long' | 'late';
}

/** The lines after it are those of another supervisor. */
export interface RunMark {
  readonly run: { readonly since: string; readonly pid: number };
}

export interface LogAsk {
  /** Names of processes or instances, and `system` for procsup's own lines; an empty list means all. */
  readonly names: readonly string[];
  readonly lines: number | null;
  readonly sinceMs: number | null;
  /** With new output: pieces of lines whose end has not come for half a second. */
  readonly late?: boolean | undefined;
}

/** New output, read at the reader's own speed. */
export interface LogFlow {
  /** The next lines, at most `most`, and how many lines were dropped because the reader is too slow. */
  take(most: number): { readonly lines: readonly LogRecord[]; readonly missed: number };
  close(): void;
}

export interface StatsWatch {
  readonly history: Readonly<Record<string, UsageHistory>>;
  close(): void;
}

/** One point per second, oldest first; null if nothing was measured. */
export interface UsageHistory {
  readonly cpu: readonly (number | null)[];
  readonly memory: readonly (number | null)[];
}

export type AwaitedState = 'ready' | 'running' | 'exited';

export interface Awaited {
  readonly name: string;
  /** `never`: it has exited for good, or is not wanted to run. */
  readonly outcome: 'reached' | 'never';
  readonly pid: number | null;
  readonly exit: PublicExit | null;
}

/** How `down` has ended. */
export interface Ending {
  /** The exit status of the supervisor. */
  readonly status: number;
  /** The instances that did not stop in time. */
  readonly killed: readonly string[];
}

export interface Api extends PoolApi {
  /** What this system can send. */
  readonly signals: readonly SignalName[];
  about(): About;
  select(words: readonly string[]): Selection;
  snapshot(names: readonly string[], details: boolean): Promise<readonly DetailedSnapshot[]>;
  /** The ports on which their process trees listen. What does not run is left out. */
  listening(names: readonly string[]): Promise<ReadonlyMap<string, readonly number[] | null>>;
  /** Those that a start without names means: not what starts only when it is named or needed. */
  startNames(): readonly string[];
  /** Resolves when it is done, or can no longer be done. */
  change(
    verb: Verb,
    names: readonly string[],
    cause: Asker,
    how?: RequestOptions,
  ): Promise<readonly ChangeResult[]>;
  /** Why those of them that cannot be restarted in a rolling way cannot: once for each process. */
  unrollable(names: readonly string[]): Impossible['impossible'];
  /** Returns the names of the running instances, to which the signal was sent. */
  signal(names: readonly string[], signal: SignalName, cause: Asker): readonly string[];
  /** `wait` false: resolves when it has begun, without results. */
  scale(
    counts: Readonly<Record<string, number>>,
    wait: boolean,
    cause: Asker,
  ): Promise<Replanned | Impossible>;
  reload(cause: Asker): Promise<Replanned | Impossible>;
  /** The files that have been edited since they were read, by their paths below the root. */
  changedFiles(): Promise<readonly string[]>;
  /** Stops all processes. Resolves when they have stopped, before the supervisor exits. `graceMs` as in `change`. */
  down(cause: Asker, graceMs?: number): Promise<Ending>;
  wait(names: readonly string[], state: AwaitedState, gone: AbortSignal): Promise<readonly Awaited[]>;
  events(afterSeq: number): readonly EventRecord[];
  eventsAbout(name: string): readonly EventRecord[];
  /** Why it is in this state; null where its exit says it, or nothing is known any more. */
  reasonFor(process: Pick<InstanceSnapshot, 'name' | 'state'>): Reason | null;
  /** The last start, or the last one that these took part in; null if none is known. */
  analyze(names?: readonly string[]): StartReport | null;
  onEvent(listener: () => void): () => void;
  /** Whether there is output of an instance or process of this name, which need not be part of the application. */
  hasLogs(name: string): boolean;
  /** Output of this supervisor. */
  logs(ask: LogAsk): AsyncIterable<readonly LogRecord[]>;
  /** Also that of earlier ones, with a mark before the first line of each. The last mark may have no lines yet. */
  allLogs(ask: LogAsk): AsyncIterable<readonly (LogRecord | RunMark)[]>;
  /** Starts where a `logs` call made in the same turn ends. */
  follow(ask: LogAsk, wake: () => void): LogFlow;
  watchStats(
    names: readonly string[],
    intervalMs: number,
    each: (processes: readonly InstanceSnapshot[]) => void,
  ): StatsWatch;
  caps(): readonly CapSnapshot[];
  /**
   * Room in caps for a client, which must release it. Resolves with why, if it is refused, and with null if `gone` was aborted
   * before there was room. `name` is shown to others that wait.
   */
  claim(name: string, uses: readonly CapUse[], gone: AbortSignal): Promise<HeldCaps | string | null>;
  /** Processes that clients need for a time; it is loaded at the first call. */
  holds(): Promise<ProcessHolds>;
  readonly sharedMemory: SharedMemoryApi;
  /** What processes exchange; it is loaded at the first call. */
  exchange(): Promise<Exchange>;
  /** What they exchange. Nothing is loaded for it that was not used. `remarks`: what is wrong with it, a sentence each. */
  held(): Promise<{ readonly held: readonly HeldThing[]; readonly remarks: readonly string[] }>;
  /** Writes to a process's stdin. Resolves when everything is written; `end` closes it. */
  input(name: string, ask: InputAsk): Promise<InputTaken>;
  /** Attaches to the terminal of an instance; undefined if it has none. `wake`: there is something to take. */
  terminal(name: string, size: TerminalSize, wake: () => void): TerminalView | undefined;
  /** Of the one who types there. */
  resize(name: string, size: TerminalSize): void;
}

/** Files that programs map. */
export interface SharedMemoryApi {
  list(): readonly SharedMemoryRecord[];
  /** `from`: the absolute path of a file with which it begins, and which says its size where `bytes` is not given. */
  create(
    name: string,
    order: { readonly bytes?: number | undefined; readonly from?: string | undefined },
    cause: Asker,
  ): Promise<SharedMemoryRecord | SharedMemoryProblem>;
  remove(name: string, cause: Asker): SharedMemoryRecord | SharedMemoryProblem;
}

/** What is to be written. */
export interface InputAsk {
  readonly bytes: Uint8Array;
  /** Close the stdin afterwards; a terminal gets Ctrl-D. */
  readonly end?: boolean | undefined;
  /** For a terminal: these are keys as they are, not lines. */
  readonly keys?: boolean | undefined;
  /** For a terminal: also while the program draws on the whole screen. */
  readonly force?: boolean | undefined;
  /** For a terminal: only while it does not show what is typed. */
  readonly secret?: boolean | undefined;
}

export interface InputTaken {
  readonly taken: boolean;
  readonly why?: string;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface TerminalView {
  /** False: another client types. */
  readonly types: boolean;
  /** What is new; at first the screen. Undefined when the terminal has ended. */
  take(): Uint8Array | undefined;
  close(): void;
}
