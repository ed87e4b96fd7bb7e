/** Writes the caller's input to the stdin of the first stage, as fast as it reads, without blocking. */
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Clock } from '../../ports/clock.ts';
import type { PipeInput } from './options.ts';

export interface FeedInputOptions {
  readonly clock: Clock;
  /** Called at most once. */
  readonly onFailed: (error: Error) => void;
}

/** A destroyed stream may not emit anything, if it was created with `emitClose: false`: it is checked this often. */
const LOOK_MS = 1000;

/** Takes over `fd`, the write end of a pipe. Call the returned function when the stages have ended: it stops writing. */
export function feedInput(fd: number, input: PipeInput, { clock, onFailed }: FeedInputOptions): () => void {
  const source = streamOf(input);
  const socket = new Socket({ fd, readable: false, writable: true });
  let isOver = false;
  let goOn = (): void => undefined;

  const close = (): void => {
    isOver = true;
    cancelLook();
    goOn();
    socket.destroy();
    // A source that was read to its end is destroyed already. Errors of the others no longer matter.
    if (!source.destroyed) source.on('error', () => undefined).destroy();
  };
  // EPIPE: the stage has read enough.
  socket.on('error', close);
  socket.on('drain', () => goOn());

  const fail = (error: unknown): void => {
    // Reported before the stage sees the end of file, which it would take for the end of the input.
    if (!isOver) onFailed(error instanceof Error ? error : new Error(String(error)));
    close();
  };
  const look = (): (() => void) =>
    clock.after(LOOK_MS, () => {
      if (source.destroyed && !source.readableEnded)
        fail(source.errored ?? new Error('destroyed before its end'));
      else cancelLook = look();
    });
  let cancelLook = look();

  const writeAll = async (): Promise<void> => {
    for await (const chunk of source as AsyncIterable<unknown>) {
      if (isOver) return;
      if (!socket.write(bytesOf(chunk))) await new Promise<void>((resolve) => (goOn = resolve));
    }
    cancelLook();
    socket.end();
  };
  writeAll().catch(fail);
  return close;
}

/** A stream may fail before it is read; an error without a listener would end the program. Call the result to remove it. */
export function holdInput(input: PipeInput | undefined): () => void {
  if (!isStream(input)) return () => undefined;
  const ignore = (): void => undefined;
  input.on('error', ignore);
  return () => void input.off('error', ignore);
}

/** Destroys the input of a pipeline that was not started. */
export function dropInput(input: PipeInput | undefined): void {
  if (input instanceof Readable && !input.destroyed) input.on('error', () => undefined).destroy();
}

/** Of another copy of node:stream as well. */
function isStream(input: unknown): input is Readable {
  if (typeof input !== 'object' || input === null) return false;
  return 'on' in input && typeof input.on === 'function' && 'off' in input && typeof input.off === 'function';
}

function streamOf(input: PipeInput): Readable {
  if (input instanceof Readable) return input;
  return Readable.from(typeof input === 'string' || isBytes(input) ? [input] : input);
}

const isBytes = (input: PipeInput): input is Uint8Array => input instanceof Uint8Array;

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('pipe(): input must yield strings or bytes');
}
