import type { PipeResult } from './pipe-options.ts';

/**
 * Why a pipeline was stopped. `PIPE_TIMEOUT`: `timeoutMs` were over. `PIPE_MAX_BUFFER`: more output than `maxBufferBytes`.
 * `PIPE_INPUT`: `input` failed, or was destroyed before its end. `PIPE_OUTPUT`: the stream given as `stdout` failed. One
 * that was destroyed without an error, whose reader has gone (EPIPE), or that somebody else has ended, stops nothing: the
 * last stage gets SIGPIPE. A stream that could not be written to at the time of the call is a `TypeError`; one of the web is
 * `PIPE_OUTPUT`, as it does not tell before.
 */
export type PipeErrorCode = 'PIPE_TIMEOUT' | 'PIPE_MAX_BUFFER' | 'PIPE_INPUT' | 'PIPE_OUTPUT';

/** `pipe()` has stopped the pipeline. `cause` is the stream's error, where it was one. */
export class PipeError extends Error {
  override readonly name = 'PipeError';
  readonly code: PipeErrorCode;
  /** How the stages ended, and what had been written by then. */
  readonly result: PipeResult;

  constructor(code: PipeErrorCode, message: string, result: PipeResult, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.result = result;
  }
}
