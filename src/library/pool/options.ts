/** What a pool is made of. */
import type { Framing } from '../../os/worker/line-framing.ts';
import type { ModuleFunction } from '../process/options.ts';
import type { ProcessCommand } from '../supervisor/config.ts';

export type PoolOptions = PoolSettings & (PoolModule | PoolCommand);

export interface PoolModule {
  /** The function that is called with each value; it may return a promise. Values and results are structured clones. */
  readonly module: ModuleFunction;
  readonly command?: undefined;
  /** An exported function of the module that each worker calls before its first task, or its name. */
  readonly init?:
    string | { readonly export: string; readonly args?: readonly unknown[] | undefined } | undefined;
}

export interface PoolCommand {
  /** A program in any language that reads one message from stdin and writes one to stdout, again and again. */
  readonly command: ProcessCommand;
  readonly module?: undefined;
  /** Default `line`. */
  readonly framing?: Framing | undefined;
}

export interface PoolSettings {
  /** Most workers at once. They are started as there is work. Default: as many as the system has cores for us. */
  readonly size?: number | undefined;
  /** Replaces a worker after so many tasks. Default: never. */
  readonly recycleAfter?: number | undefined;
  /** Replaces a worker that takes more memory, when it has done what it was given. Needs /proc. Default: no limit. */
  readonly maxMemoryBytes?: number | undefined;
  /** Ends a worker that has had nothing to do for so long. Default: never. */
  readonly idleMs?: number | undefined;
  /** Added to our own environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: our own. */
  readonly cwd?: string | undefined;
}

export interface TaskOptions {
  /** Rejects with its reason, and kills the worker that carries the task out. */
  readonly signal?: AbortSignal | undefined;
  /** From its beginning. Kills the worker. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** How often it is tried again after it threw, timed out, or lost its worker. Default 0. */
  readonly retries?: number | undefined;
}

export interface MapOptions extends TaskOptions {
  /**
   * So many values are one task, which fails as a whole. `auto`: a quarter of a worker's share, 1000 at most. Default: 1.
   */
  readonly chunk?: number | 'auto' | undefined;
  /**
   * The first failure rejects, and what no worker was given before is not begun. false: all are done, then it rejects with
   * an AggregateError. Default true.
   */
  readonly failFast?: boolean | undefined;
}

export interface ImapOptions extends TaskOptions {
  /** Results come in the order of the values. Default true. */
  readonly ordered?: boolean | undefined;
  /** Most values that are read and whose results are not taken yet. Default: twice as many as workers. */
  readonly inFlight?: number | undefined;
}
