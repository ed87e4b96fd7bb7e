import type { ProcessExit } from './options.ts';

/**
 * Why a process cannot do what it was asked to do.
 *
 * * `ALREADY_STARTED`: `start` was called before. The child of the first call is unharmed.
 * * `NOT_STARTED`: it has no child yet.
 * * `NOT_RUNNING`: its child has exited.
 * * `ALIVE`: `close` while it is running.
 * * `CLOSED`: `close` was called before.
 * * `REFUSED`: it could not be started: no such program or directory, no permission, no descriptors. `cause` has the
 *   system's error where there is one.
 * * `UNSERIALIZABLE`: an argument has no structured clone; `cause` says which.
 * * `THREW`: the function threw. `cause` is its error, with the stack that it had in its process.
 * * `DIED`: it ended without a result; see `exit`.
 * * `NOT_PIPED`: `communicate` without three pipes, or after one of its streams was taken.
 * * `TOO_MUCH_OUTPUT`: more than `maxBufferBytes`; it was stopped.
 * * `TIMEOUT`: `timeoutMs` of `run` elapsed; it was stopped.
 */
export type ProcessErrorCode =
  | ('ALREADY_STARTED' | 'NOT_STARTED' | 'NOT_RUNNING' | 'ALIVE' | 'CLOSED' | 'REFUSED' | 'UNSERIALIZABLE')
  | ('THREW' | 'DIED' | 'NOT_PIPED' | 'TOO_MUCH_OUTPUT' | 'TIMEOUT');

/** A process could not do what it was asked to do; see its `code`. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
  readonly code: ProcessErrorCode;
  /** How the child has ended, if it has. */
  readonly exit: ProcessExit | null;

  constructor(
    code: ProcessErrorCode,
    message: string,
    options: ErrorOptions & { readonly exit?: ProcessExit | null } = {},
  ) {
    super(message, options);
    this.code = code;
    this.exit = options.exit ?? null;
  }
}
