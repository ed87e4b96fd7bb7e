/** The kinds of frames between a program and its worker, and how a worker is told what it is to do. */
import type { ErrorRecord } from './remote-error.ts';

/** The number of the descriptor of the worker's end of the socket. */
export const WORKER_FD = 'PROCSUP_WORKER_FD';

/** To the worker. The payloads are serialized by v8; those of many values are written as `values.ts` says. */
export const TO_WORKER = {
  /** `CallOrder`: call one function, answer, and end. */
  call: 1,
  /** `PoolOrder`: load a function, then call it for each task. Answered by `ready` or `failed`. */
  open: 2,
  /** Values, each of them a task. */
  tasks: 3,
  /** Values that are one task. */
  chunk: 4,
  /** An `ErrorRecord`: a task whose value has no structured clone. It is answered by `thrown`, in its turn. */
  invalid: 5,
} as const;

/** From the worker: exactly one answer to each task, in the order of the tasks. */
export const FROM_WORKER = {
  ready: 1,
  /** The result. Without a payload: undefined. */
  result: 2,
  /** An `ErrorRecord`: what it threw. */
  thrown: 3,
  /** An `ErrorRecord`: there is no function, or its `init` has thrown. */
  failed: 4,
  /** The result of a task, as a double: serializing takes longer than many tasks. */
  number: 5,
  /** The results of a chunk, as `values.ts` writes them. */
  results: 6,
} as const;

export interface FunctionOrder {
  /** A URL of a file. */
  readonly file: string;
  readonly exportName: string;
}

export interface CallOrder extends FunctionOrder {
  readonly args: readonly unknown[];
}

export interface PoolOrder extends FunctionOrder {
  /** Called once, before the first task. */
  readonly init: { readonly exportName: string; readonly args: readonly unknown[] } | null;
}

export type Answer = { readonly value: unknown } | { readonly error: ErrorRecord };
