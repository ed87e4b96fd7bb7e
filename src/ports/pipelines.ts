import type { HeldDescriptor } from './descriptors.ts';
import type { StageSpec } from '../core/plan/app-spec.ts';
import type { Exit, Refusal } from '../core/process/exit.ts';
import type { SignalName } from '../core/process/signals.ts';

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
 * Starts programs with kernel pipes between them, of which we hold no end. All of them are in our own session and process
 * group, as with `sh -c 'a | b'`: otherwise they could not read from the terminal, and Ctrl-C would not reach them.
 */
export interface StageLauncher {
  launch(request: StagesRequest, events: StagesEvents): void;
  /** To a stage that has not been told as `exited` yet. */
  signal(pid: number, signal: SignalName): void;
}

/** Descriptors for one run of a stage, both blocking. null: what any process has. */
export interface StageEnds {
  readonly stdin: HeldDescriptor | null;
  readonly stdout: HeldDescriptor | null;
}

/**
 * The kernel pipes of supervised pipelines, named by the instance that reads. Both ends are held, so that the runs of a
 * stage follow one another without its neighbours noticing, and nothing that is in the pipe is lost.
 */
export interface StageLinks {
  /**
   * The next run of stage `name` is decided: it will have pipes that are held at both ends, else new ones; but whoever
   * reads gets what is left in one that nobody writes to any more. An end that is given up from now on is news for that
   * run as well, however long it waits for its turn; its own ends are held for it.
   */
  prepare(name: string, neighbours: Pick<StageSpec, 'upstream' | 'downstream'>): void;
  /** For the run that was prepared: what it gets is its own to release. `root` is for the words of a refusal. */
  open(
    name: string,
    root: string,
    neighbours: Pick<StageSpec, 'upstream' | 'downstream'>,
  ): Promise<StageEnds | Refusal>;
  /** Closes the write end: the reader gets the rest, then the end of file. */
  endWriting(reader: string): void;
  /** Closes the read end: the writer gets SIGPIPE. */
  endReading(reader: string): void;
  /** Gives up all pipes of stages that are not named. */
  keepOnly(readers: { has(reader: string): boolean }): void;
}
