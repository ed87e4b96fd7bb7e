/** What a supervisor can be asked about its pools. */
import type { PublicExit } from '../core/process/public-exit.ts';
import type { PublicState } from '../core/snapshot.ts';

/** A pool as it is shown. The field names are public. */
export interface PoolSnapshot {
  readonly name: string;
  /** `stopped`: none of its workers is to run. `failed`: it was given up, for `reason`. `stopping`: the run ends. */
  readonly state: 'running' | 'stopped' | 'failed' | 'stopping';
  readonly reason: string | null;
  /** The queue that it reads. */
  readonly queue: string | null;
  /** How many workers it has, up or not. */
  readonly size: number;
  readonly workers: readonly { readonly name: string; readonly state: PublicState; readonly busy: boolean }[];
  /** Tasks that are carried out, and those that wait for a worker or for caps. */
  readonly busy: number;
  readonly waiting: number;
  /** Since the start of the supervisor: tasks that were answered, and those that were not. */
  readonly done: number;
  readonly failed: number;
}

export type TaskFailure =
  | 'invalid-value'
  | 'invalid-answer'
  | 'worker-died'
  | 'timeout'
  | 'aborted'
  | 'cap-refused'
  | 'pool-stopped'
  | 'pool-failed';

export type TaskResult =
  | { readonly is: 'done'; readonly output: Uint8Array }
  | {
      readonly is: 'failed';
      readonly code: TaskFailure;
      readonly message: string;
      /** Of the worker that died. */
      readonly exit?: PublicExit;
    };

/** Where one client has its tasks carried out. */
export interface PoolClient {
  /** So many tasks under way keep all workers busy. */
  readonly enough: number;
  /**
   * Bytes are sent as they are, other values as the framing says. `settled` is called once, never during this call, unless
   * the client was closed before. The returned function aborts the task: its worker is killed if it has begun.
   */
  submit(value: unknown, settled: (result: TaskResult) => void): () => void;
  /** Tasks that have not begun are dropped. What has begun is carried out, and its result is dropped. */
  close(): void;
}

export interface PoolApi {
  pools(): Promise<readonly PoolSnapshot[]>;
  /** Undefined: no pool has this name. */
  openPool(name: string): Promise<PoolClient | undefined>;
}
