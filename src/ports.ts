/**
 * What the inner layers need of the world, each declared for its consumer and no wider. `src/os` implements them,
 * `src/cli/wire.ts` brings both together, and `tests/contract` holds one suite for each that the real adapter and
 * the fake of the tests both pass.
 */
import type { StageSpec } from './core/app-spec.ts';
import type { Exit } from './core/exit.ts';
import type { SignalName } from './core/signals.ts';

/** Time. `now` is in milliseconds, monotonic, of unknown origin; `wallNow` is a Unix timestamp in milliseconds. */
export interface Clock {
  now(): number;
  wallNow(): number;
  /**
   * Calls back once after `ms` milliseconds, unless the returned function is called before. 0: in the next turn of the event
   * loop.
   */
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
  /** Of a stage of a supervised pipeline. */
  readonly ends?: StageEnds & Pick<StageRequest, 'joinsStderr'>;
}

export type Refusal = Extract<Exit, { by: 'refusal' }>;

/** Either `spawned` and later `exited`, or `refused`; each at most once, `spawned` and `refused` even during `launch`. */
export interface LaunchEvents {
  /**
   * `output` is the read end of the pipe that is the child's stdout and stderr, as far as these go nowhere else,
   * non-blocking, from now on the listener's; null where there is none, or the child writes to our own. `input` is the write end of the pipe that is its stdin,
   * non-blocking, the listener's as well; null where its stdin is empty.
   */
  spawned(pid: number, output: number | null, input: number | null): void;
  refused(refusal: Refusal): void;
  /** The program itself has ended; what it started may live on. */
  exited(exit: Exit): void;
}

/** Starts programs. A child leads its own session and process group, named by its pid. */
export interface Launcher {
  launch(request: LaunchRequest, events: LaunchEvents): void;
}

/** A launched program together with what it started. */
export interface Family {
  readonly pid: number;
  readonly runId: string;
}

/** What a program started and did not end goes with it; a pid is signalled only while it is provably one of them. */
export interface Families {
  /** `group`: the process group led by `pid`. `all`: those that left it as well, where the system lets them be found. */
  signal(family: Family, signal: SignalName, reach: 'group' | 'all'): void;
  /** After the program's end: does anything live on in its group? A zombie does not. */
  hasGroup(family: Family): boolean;
  /**
   * The pids of all that carry a mark beginning with `runId`, in their group or not. Reads all of /proc; empty where
   * there is none.
   */
  marked(runId: string): readonly number[];
  /** Signals those of `marked(runId)`, except some. Returns all of them. */
  signalMarked(runId: string, signal: SignalName, except?: ReadonlySet<number>): readonly number[];
}

/** Ends everything that is guarded when this process dies without a word, by SIGKILL say. */
export interface Guard {
  add(pid: number): void;
  remove(pid: number): void;
}

// ---- Measuring ---------------------------------------------------------------------------------------------------

/** One moment of a program and all that it started. */
export interface TreeReading {
  /**
   * CPU time so far in milliseconds, children that have ended included as far as the system tells. Never falls from one
   * reading of a root to the next.
   */
  readonly cpuMs: number;
  /** Resident bytes, added up: what several of them share is counted for each. */
  readonly memoryBytes: number;
  /** How many live; a zombie does not. */
  readonly processes: number;
}

/** null: the system does not tell, or not of all of them. */
export interface TreeDetails {
  /** Proportional memory (PSS): what is shared counts in parts. */
  readonly pssBytes: number | null;
  readonly descriptors: number | null;
}

/**
 * Measures whole process trees. A root is the pid of a child of ours that leads its own session; one that is gone is
 * left out of the answer. Never rejects: what dies meanwhile, or may not be read, counts nothing.
 */
export interface Sampler {
  /** Roots that are not named are forgotten: should they be named again, they begin anew. */
  sample(roots: readonly number[]): Promise<ReadonlyMap<number, TreeReading>>;
  /** Ten times as expensive; forgets nobody. */
  details(roots: readonly number[]): Promise<ReadonlyMap<number, TreeDetails>>;
  close(): void;
}

// ---- Pipelines ---------------------------------------------------------------------------------------------------

export interface StageRequest {
  /** What `/bin/sh -c` gets, and behind it its arguments, from `$1` on. */
  readonly script: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Its stderr goes where its stdout goes. */
  readonly joinsStderr: boolean;
}

export interface StagesRequest {
  /** Marks all stages and their descendants, as in a `LaunchRequest`. */
  readonly runId: string;
  readonly root: string;
  readonly stages: readonly StageRequest[];
  /** Descriptors of the first stage's stdin and the last one's stdout. All stay the caller's, open until all is told. */
  readonly stdin: number;
  readonly stdout: number;
  /** Of all stages whose stderr does not join their stdout. Default: our own, 2. */
  readonly stderr?: number;
}

/** Of each stage, from 0: either `spawned` and later `exited`, or `refused`; each at most once, in any order. */
export interface StagesEvents {
  spawned(stage: number, pid: number): void;
  refused(stage: number, refusal: Refusal): void;
  /** The stage itself has ended; what it started may live on and hold its pipes. */
  exited(stage: number, exit: Exit): void;
}

/**
 * Starts programs with kernel pipes between them, of which we hold no end. All are in our own session and process group,
 * as those of `sh -c 'a | b'` are in the shell's: else they could not read from the terminal, and Ctrl-C would not
 * reach them by itself.
 */
export interface StageLauncher {
  launch(request: StagesRequest, events: StagesEvents): void;
  /** To a stage that has not been told as `exited` yet. */
  signal(pid: number, signal: SignalName): void;
}

/** Descriptors for one run of a stage, both blocking. null: what any process has. They stay whose they are. */
export interface StageEnds {
  readonly stdin: number | null;
  readonly stdout: number | null;
}

/**
 * The kernel pipes of supervised pipelines, named by the instance that reads. Both ends are held, so that the runs of a
 * stage follow one another without its neighbours noticing, and nothing that is in the pipe is lost.
 */
export interface StageLinks {
  /**
   * The next run of stage `name` is decided: it will have pipes that are held at both ends, else new ones; but whoever
   * reads gets what is left in one that nobody writes to any more. An end that is given up from now on is news for that
   * run as well, however long it waits for its turn.
   */
  prepare(name: string, neighbours: Pick<StageSpec, 'upstream' | 'downstream'>): void;
  /** For the run that was prepared. `root` is for the words of a refusal. */
  open(
    name: string,
    root: string,
    neighbours: Pick<StageSpec, 'upstream' | 'downstream'>,
  ): Promise<StageEnds | Refusal>;
  /** Nobody is to write any more: whoever reads gets the rest, and then the end of file. */
  endWriting(reader: string): void;
  /** Nobody is to read any more: whoever writes gets SIGPIPE. */
  endReading(reader: string): void;
  /** Gives up all pipes of whoever is not named. */
  keepOnly(readers: { has(reader: string): boolean }): void;
}
