import type { PipeResult } from './options.ts';

/**
 * Why a pipeline was stopped. `PIPE_TIMEOUT`: `timeoutMs` elapsed. `PIPE_MAX_BUFFER`: more output than `maxBufferBytes`.
 * `PIPE_INPUT`: `input` failed, or was destroyed before its end. `PIPE_OUTPUT`: the stream given as `stdout` failed. A stream
 * that was destroyed without an error, lost its reader (EPIPE), or was ended by other code stops nothing: the last stage
 * gets SIGPIPE. A stream that is not writable at the time of the call is a `TypeError`; a web stream is `PIPE_OUTPUT`,
 * because it does not tell earlier.
 */
export type PipeErrorCode = 'PIPE_TIMEOUT' | 'PIPE_MAX_BUFFER' | 'PIPE_INPUT' | 'PIPE_OUTPUT';

/** `pipe()` has stopped the pipeline. `cause` is the error of the stream, if one failed. */
export class PipeError extends Error {
  override readonly name = 'PipeError';
  readonly code: PipeErrorCode;
  /** The results of the stages, and their output until the stop. */
  readonly result: PipeResult;

  constructor(code: PipeErrorCode, message: string, result: PipeResult, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.result = result;
  }
}
