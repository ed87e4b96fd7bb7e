/**
 * Why shared memory cannot be had.
 *
 * * `NO_SUPERVISOR`: neither `socket` nor PROCSUP_SOCKET says which supervisor is to be asked.
 * * `UNREACHABLE`: it cannot be asked. `cause` says why.
 * * `EXISTS`: one of this name exists.
 * * `MISSING`: none of this name exists.
 * * `NO_ROOM`: the file system or the machine has less memory than that.
 * * `NO_KOFFI`: the optional package koffi, which maps files, is not installed or does not work here.
 * * `NOT_MAPPED`: the system refused. `cause` says why.
 * * `CLOSED`: `close` was called before.
 * * `REFUSED`: for another reason, which the message tells.
 */
export type SharedMemoryErrorCode =
  | ('NO_SUPERVISOR' | 'UNREACHABLE' | 'EXISTS' | 'MISSING' | 'NO_ROOM')
  | ('NO_KOFFI' | 'NOT_MAPPED' | 'CLOSED' | 'REFUSED');

/** Shared memory cannot be had; see its `code`. */
export class SharedMemoryError extends Error {
  override readonly name = 'SharedMemoryError';
  readonly code: SharedMemoryErrorCode;

  constructor(code: SharedMemoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
