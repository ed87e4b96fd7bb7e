/**
 * Why a lock is not had.
 *
 * * `NO_SUPERVISOR`: neither `socket` nor PROCSUP_SOCKET names one, and none runs for the project of the working directory; or
 *   it cannot be reached.
 * * `TIMEOUT`: it was not granted within `timeoutMs`.
 * * `LOST`: the supervisor ended while the callback ran, and the lock with it.
 * * `REFUSED`: for another reason, which the message tells.
 */
export type LockErrorCode = 'NO_SUPERVISOR' | 'TIMEOUT' | 'LOST' | 'REFUSED';

/** A lock is not had; see its `code`. */
export class LockError extends Error {
  override readonly name = 'LockError';
  readonly code: LockErrorCode;

  constructor(code: LockErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
