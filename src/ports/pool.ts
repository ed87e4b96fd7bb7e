/** What a pool is asked, the shells that run its jobs, and the files for output that memory has no room for. */
import type { Job, JobResult, PoolOutput } from '../core/pool/job.ts';
import type { PoolSpec } from '../core/pool/pool-spec.ts';
import type { Exit, Refusal } from '../core/process/exit.ts';
import type { ProcessGroup } from './processes.ts';

/** What a pool is to do. */
export interface PoolRequest {
  readonly spec: PoolSpec;
  /** Drawn from as slots become free, never further ahead. */
  readonly jobs: AsyncIterable<Job>;
  readonly output: PoolOutput;
  /** Called at the start of each attempt. */
  onStart?(command: string): void;
  /** Called in the order in which jobs end, whatever the order of their output. */
  onResult(result: JobResult): void;
  /** Resolves when another job may start. What it resolves to is called once, when that job has ended or is not started. */
  gate?(signal: AbortSignal): Promise<() => void>;
}

export type OutputStream = 'stdout' | 'stderr';

/** Of one job: either `refused`, or `ended`, each at most once and never during the call that starts it. */
export interface JobEvents {
  /** The first `byteCount` bytes of the buffer for reading are new; they are valid during the call only. */
  data(stream: OutputStream, byteCount: number): void;
  /** All that it has written was told by `data`. What it has left in the background may go on; its output is not read. */
  ended(exit: Exit): void;
  /** Its shell could not be started. */
  refused(refusal: Refusal): void;
}

/** One shell for each slot, started with its first job and kept as long as its jobs leave nothing behind. */
export interface JobShells {
  start(slot: number, job: { readonly seq: number; readonly command: string }, events: JobEvents): void;
  /**
   * The job is about to be signalled: it has ended when nothing is left in its group. Null where the slot has no job. The
   * shell itself outlives SIGTERM.
   */
  expectStop(slot: number): ProcessGroup | null;
  /** The job of this slot is forgotten, and its shell is replaced. */
  abandon(slot: number): void;
  /** Stops reading all output until `resume`. */
  pause(): void;
  resume(): void;
  /** Calls `listener` once if no further job can be run, with the reason. Jobs that are running are to be stopped. */
  onFailed?(listener: (reason: string) => void): void;
  /** Ends the shells, which have no job. Resolves when they are gone. */
  close(): Promise<void>;
  /** After `close`: what background processes of jobs still write to is read no more, and that ends them. */
  release?(): void;
}

/** Part of a spill file. */
export interface Extent {
  readonly at: number;
  readonly byteCount: number;
  release(): void;
}

/** Temporary files that have no name: nothing is left of them. Throws the system's error (ENOSPC ...). */
export interface Spill {
  write(bytes: Uint8Array): Extent;
  /** Reads from byte `from` of the extent on; returns how much, 0 at its end. */
  read(extent: Extent, from: number, into: Uint8Array): number;
  close(): void;
}
