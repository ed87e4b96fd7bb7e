/**
 * Why a value, flag, barrier or channel cannot do what it was asked to do.
 *
 * * `NO_SUPERVISOR`: no supervisor runs for the project, it cannot be reached, or its session has ended.
 * * `TIMEOUT`: it did not happen within `timeoutMs`.
 * * `BROKEN`: a party of the barrier ended, timed out or gave up.
 * * `NOT_A_NUMBER`: the value to be incremented is none.
 * * `INEXACT`: the sum would not be exact.
 * * `REFUSED`: for another reason, which the message tells.
 */
export type ExchangeErrorCode =
  'NO_SUPERVISOR' | 'TIMEOUT' | 'BROKEN' | 'NOT_A_NUMBER' | 'INEXACT' | 'REFUSED';

/** A value, flag, barrier or channel could not do what it was asked to do; see its `code`. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly code: ExchangeErrorCode;

  constructor(code: ExchangeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
