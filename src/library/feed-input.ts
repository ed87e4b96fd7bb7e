/** Writes what the caller gives to the first stage's stdin, as fast as that reads, without ever blocking. */
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { PipeInput } from './pipe-options.ts';

/** Takes over `fd`, the write end of a pipe. Returns what ends it: the stages have ended, whatever is left is not read. */
export function feedInput(fd: number, input: PipeInput, onFailed: (error: Error) => void): () => void {
  const source = streamOf(input);
  const socket = new Socket({ fd, readable: false, writable: true });
  let isOver = false;
  let goOn = (): void => undefined;

  const close = (): void => {
    isOver = true;
    goOn();
    socket.destroy();
    // By itself only where it was not read to its end. What it may say to that is nobody's business any more.
    if (!source.destroyed) source.on('error', () => undefined).destroy();
  };
  // EPIPE: the stage has read enough, which is its right.
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
    // Told before the stage sees an end of file, which it would take for the true one.
    if (!isOver) onFailed(error instanceof Error ? error : new Error(String(error)));
    close();
  });
  return close;
}

/** The pipeline never began: nobody reads it. */
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
  throw new TypeError('pipe(): input gave something that is neither text nor bytes');
}
