/** Writes what the caller gives to the first stage's stdin, as fast as that reads, without ever blocking. */
import { Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import type { PipeInput } from './pipe-options.ts';

/** Takes over `fd`, the write end of a pipe. Returns what ends it: the stages have ended, whatever is left is not read. */
export function feedInput(fd: number, input: PipeInput, onFailed: (error: Error) => void): () => void {
  let isOver = false;
  const socket = new Socket({ fd, readable: false, writable: true });
  // The stage has read enough (EPIPE), which is its right.
  socket.once('error', () => (isOver = true));
  pipeline(streamOf(input), toBytes, socket, (error) => {
    if (error && !isOver) onFailed(error);
    isOver = true;
  });
  return () => {
    isOver = true;
    socket.destroy();
  };
}

/** The pipeline never began: nobody reads it. */
export function dropInput(input: PipeInput | undefined): void {
  if (input instanceof Readable) input.on('error', () => undefined).destroy();
}

function streamOf(input: PipeInput): Readable {
  if (input instanceof Readable) return input;
  return Readable.from(typeof input === 'string' || isBytes(input) ? [input] : input);
}

const isBytes = (input: PipeInput): input is Uint8Array => input instanceof Uint8Array;

async function* toBytes(chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else throw new TypeError('pipe(): input gave something that is neither text nor bytes');
  }
}
