/**
 * Why a supervisor cannot do what it was asked to do.
 *
 * * `BUSY`: with `control`, another supervisor runs the project; its pid is in the message.
 * * `REFUSED`: the system refuses what there is no supervisor without (a pipe, the lock, the socket).
 * * `ENDED`: it has ended or is being closed.
 * * `UNKNOWN_NAME`: no process and no instance has this name.
 * * `IMPOSSIBLE`: `scale` or `reload` would make no application; nothing was changed.
 * * `NOT_WRITTEN`: the process does not read its stdin, or has ended; a part may have been written.
 */
export type SupervisorErrorCode =
  'BUSY' | 'REFUSED' | 'ENDED' | 'UNKNOWN_NAME' | 'IMPOSSIBLE' | 'NOT_WRITTEN';

/** A supervisor could not do what it was asked to do; see its `code`. */
export class SupervisorError extends Error {
  override readonly name = 'SupervisorError';
  readonly code: SupervisorErrorCode;

  constructor(code: SupervisorErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
