/** The two pipes of a worker that reads messages from stdin and writes one answer to each to stdout. */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { LineCodec } from './line-framing.ts';

export interface LineLink {
  /** One message, as the codec has encoded it. */
  send(bytes: Uint8Array): void;
  /** End of file for the worker. */
  end(): void;
  /** Reads nothing until `resume`. */
  pause(): void;
  resume(): void;
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

export interface MessageLimit {
  readonly bytes: number;
  /** A message is longer: called once, and nothing is read any more. */
  readonly exceeded: () => void;
}

/** They are not needed. */
export function closeEnds({ input, output }: LineLinkPipes): void {
  for (const fd of [input, output]) closeSync(fd);
}

/** `onMessage` gets each message without its end; it is valid during the call only. */
export function openLineLink(
  pipes: LineLinkPipes,
  codec: LineCodec,
  onMessage: (message: Buffer) => void,
  limit?: MessageLimit,
): LineLink {
  const input = new Socket({ fd: pipes.input, readable: false, writable: true });
  const output = new Socket({ fd: pipes.output, readable: true, writable: false });
  const both = [input, output];
  // It has gone: its exit tells more.
  for (const one of both) one.on('error', () => undefined);
  const over = new Promise<void>((resolve) => output.once('close', () => resolve()));
  /** Since the end of the last message, with what came together with that. */
  let heldBytes = 0;
  const read = codec.reader((message) => {
    heldBytes = 0;
    onMessage(message);
  });
  output.on('data', (chunk: Buffer) => {
    read(chunk);
    heldBytes += chunk.length;
    if (limit === undefined || heldBytes <= limit.bytes + chunk.length) return;
    output.destroy();
    limit.exceeded();
  });
  return {
    send: (bytes) => void input.write(bytes),
    end: () => void input.end(),
    pause: () => void output.pause(),
    resume: () => void output.resume(),
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
