/** Writes the caller's input to the stdin of the first stage, as fast as it reads, without blocking. */
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { PipeInput } from './pipe-options.ts';

/** Takes over `fd`, the write end of a pipe. Call the returned function when the stages have ended: it stops writing. */
export function feedInput(fd: number, input: PipeInput, onFailed: (error: Error) => void): () => void {
  const source = streamOf(input);
  const socket = new Socket({ fd, readable: false, writable: true });
  let isOver = false;
  let goOn = (): void => undefined;

  const close = (): void => {
    isOver = true;
    goOn();
    socket.destroy();
    // A source that was read to its end is destroyed already. Errors of the others no longer matter.
    if (!source.destroyed) source.on('error', () => undefined).destroy();
  };
  // EPIPE: the stage has read enough.
  socket.on('error', close);
  socket.on('drain', () => goOn());

  const writeAll = async (): Promise<void> => {
    for await (const chunk of source as AsyncIterable<unknown>) {
      if (isOver) return;
      if (!socket.write(bytesOf(chunk))) await new Promise<void>((resolve) => (goOn = resolve));
    }
    socket.end();
  };
  writeAll().catch((error: unknown) => {
    // Reported before the stage sees the end of file, which it would take for the end of the input.
    if (!isOver) onFailed(error instanceof Error ? error : new Error(String(error)));
    close();
  });
  return close;
}

/** Destroys the input of a pipeline that was not started. */
export function dropInput(input: PipeInput | undefined): void {
  if (input instanceof Readable && !input.destroyed) input.on('error', () => undefined).destroy();
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
