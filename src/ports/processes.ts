import type { StdinKind } from '../core/plan/process-plan.ts';
import type { Exit, Refusal } from '../core/process/exit.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { HeldDescriptor } from './descriptors.ts';
import type { StageEnds, StageRequest } from './pipelines.ts';

export interface LaunchRequest {
  /** Tags the process and all its descendants, so that those that left its group can be found. */
  readonly runId: string;
  readonly script: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Default: that of the launcher. Without effect on a stage that reads another one. */
  readonly stdin?: StdinKind;
  /** Its stdin, stdout, stderr and controlling terminal. */
  readonly terminal?: { readonly path: string };
  /** Descriptors above 2, each under its number there. They are the launcher's to release, launched or refused. */
  readonly extra?: readonly { readonly at: number; readonly end: HeldDescriptor }[];
  /** Of a stage of a supervised pipeline. They are the launcher's to release, launched or refused. */
  readonly ends?: StageEnds & Pick<StageRequest, 'joinsStderr'>;
}

/** Either `spawned` and later `exited`, or `refused`; each at most once, `spawned` and `refused` even during `launch`. */
export interface LaunchEvents {
  /**
   * `output` is the read end of the pipe for the child's stdout and stderr, unless they go elsewhere: non-blocking, and
   * owned by the listener; null if there is none, or if the child writes to our own. `input` is the write end of the pipe
   * for its stdin: non-blocking, and owned by the listener; null if its stdin is empty.
   */
  spawned(pid: number, output: number | null, input: number | null): void;
  refused(refusal: Refusal): void;
  /** The program itself has exited; its descendants may still be running. */
  exited(exit: Exit): void;
}

/** Starts programs. A child leads its own session and process group, named by its pid. */
export interface Launcher {
  launch(request: LaunchRequest, events: LaunchEvents): void;
}

/** A launched program and its descendants. */
export interface ProcessGroup {
  readonly pid: number;
  readonly runId: string;
}

/** `unknown` is never to be taken for gone: it cannot be told now, and `why` is the name of the errno (EMFILE ...). */
export type Presence =
  { readonly is: 'living' } | { readonly is: 'gone' } | { readonly is: 'unknown'; readonly why: string };

export interface Found {
  readonly pids: readonly number[];
  /** Null, or why not all could be looked at, as the name of an errno: there may be more. */
  readonly missed: string | null;
}

/** A process at one moment. With its start a pid names one process for ever. */
export interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** In seconds since boot, as `ProcessGroups.now` counts them. */
  readonly started: number;
}

/** A process of a supervisor. */
export interface Carrier {
  readonly pid: number;
  /** `web.1`; empty where that is not known. */
  readonly instance: string;
  readonly session: number;
  /** The name of its program, as the kernel has it: `nginx`. */
  readonly program: string;
}

/** `missed`: as in `Found`. */
export interface Carriers {
  readonly carriers: readonly Carrier[];
  readonly missed: string | null;
}

/** Signals a program and its descendants. A pid is signalled only while it provably belongs to them. */
export interface ProcessGroups {
  /** `group`: the process group led by `pid`. `all`: also processes that left it, if the system can find them. */
  signal(processGroup: ProcessGroup, signal: SignalName, reach: 'group' | 'all'): void;
  /** After the program's end: does anything live on in its group? A zombie without a living thread does not. */
  presenceOf(processGroup: ProcessGroup): Presence;
  /**
   * All that carry a mark beginning with `runId`, in their group or not. Reads all of /proc; nobody is found where there is
   * none.
   */
  marked(runId: string): Found;
  /** As `marked`, for all runs of a supervisor in one look, without those of these pids, which are not looked at. */
  carriers(runTag: string, without: ReadonlySet<number>): Carriers;
  /** Signals those of `marked(runId)`, except some. Returns all of them. */
  signalMarked(runId: string, signal: SignalName, except?: ReadonlySet<number>): Found;
  /** Signals one process, whatever its group. */
  signalOne(pid: number, signal: SignalName): void;
  /** Those of the pids that live and can be looked at now. */
  look(pids: readonly number[]): readonly Seen[];
  /** Whether it ignores this signal, so that it has not noticed one. */
  ignores(pid: number, signal: SignalName): boolean;
  /** The moment: nobody who starts later has started before it. */
  now(): number;
}

/** Stops everything that is guarded if this process dies without a notice, for example by SIGKILL. */
export interface Guard {
  add(pid: number): void;
  remove(pid: number): void;
}

/** Where a program's input is written to. */
export interface InputEnd {
  /** The number of bytes that went, 0 where there is no room, or the name of the errno. */
  write(bytes: Uint8Array): number | string;
  close(): void;
}
