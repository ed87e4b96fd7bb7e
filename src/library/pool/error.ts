import { workerEnd } from '../../core/pool/tasks/worker-end.ts';
import type { PublicExit } from '../../core/process/public-exit.ts';

/** A worker has died, with the task that it was carrying out. No other task is lost. */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError';
  readonly code = 'WORKER_DIED';
  /** How it ended. */
  readonly exit: PublicExit;
  /** The value that it was given; of a chunk, an array of them. */
  readonly task: unknown;

  constructor(exit: PublicExit, task: unknown) {
    super(`the worker ${workerEnd(exit)} while it carried out a task`);
    this.exit = exit;
    this.task = task;
  }
}

/**
 * Why a pool does not do a task.
 *
 * * `THREW`: the function threw. `cause` is its error, with the stack that it had in its process.
 * * `TIMEOUT`: it took longer than `timeoutMs`; its worker was killed.
 * * `TERMINATED`: by `terminate`.
 * * `CLOSED`: the pool takes no more tasks.
 * * `FAILED`: five workers in a row have ended without a result. `cause` says why, if the last one has.
 */
export type PoolErrorCode = 'THREW' | 'TIMEOUT' | 'TERMINATED' | 'CLOSED' | 'FAILED';

/** A pool has not done a task; see its `code`. */
export class PoolError extends Error {
  override readonly name = 'PoolError';
  readonly code: PoolErrorCode;

  constructor(code: PoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
