/** The two pipes of a worker that reads messages from stdin and writes one answer to each to stdout. */
import { Socket } from 'node:net';
import type { LineCodec } from './line-framing.ts';

export interface LineLink {
  /** One message, as the codec has encoded it. */
  send(bytes: Uint8Array): void;
  /** End of file for the worker. */
  end(): void;
  /** Whether it keeps our program running. */
  hold(isHeld: boolean): void;
  /** Reads no further, and writes nothing more. */
  close(): void;
  /** Resolves when there is nothing more to be read. */
  readonly over: Promise<void>;
}

export interface LineLinkPipes {
  /** Our ends. They are closed here. */
  readonly input: number;
  readonly output: number;
}

/** `onMessage` gets each message without its end; it is valid during the call only. */
export function openLineLink(
  pipes: LineLinkPipes,
  codec: LineCodec,
  onMessage: (message: Buffer) => void,
): LineLink {
  const input = new Socket({ fd: pipes.input, readable: false, writable: true });
  const output = new Socket({ fd: pipes.output, readable: true, writable: false });
  const both = [input, output];
  // It has gone: its exit tells more.
  for (const one of both) one.on('error', () => undefined);
  const over = new Promise<void>((resolve) => output.once('close', () => resolve()));
  output.on('data', codec.reader(onMessage));
  return {
    send: (bytes) => void input.write(bytes),
    end: () => void input.end(),
    hold(isHeld) {
      for (const one of both)
        if (isHeld) one.ref();
        else one.unref();
    },
    close() {
      for (const one of both) one.destroy();
    },
    over,
  };
}
