/**
 * Why a queue cannot do what it was asked to do.
 *
 * * `NO_SUPERVISOR`: no supervisor runs for the project, or its session has ended. What was asked and not answered may have
 *   been done: put it again with a `key`.
 * * `FULL`: the queue has `maxsize` messages, and there was no room in time.
 * * `NOT_STORED`: the disk is full, or the memory for messages.
 * * `LEASE_LOST`: the lease was over, and another reader has the message, or it is finished.
 * * `REFUSED`: the request is not valid.
 */
export type QueueErrorCode = 'NO_SUPERVISOR' | 'FULL' | 'NOT_STORED' | 'LEASE_LOST' | 'REFUSED';

/** A queue could not do what it was asked to do; see its `code`. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code: QueueErrorCode;

  constructor(code: QueueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
