/** What a worker writes on stdout without having been asked: it goes to the log of its instance, at the speed of that. */
import { Socket } from 'node:net';
import type { PipePool } from '../../os/pipes/pool.ts';

export interface StrayOutput {
  /** A line. */
  write(bytes: Uint8Array): void;
  end(): void;
}

export interface StrayEvents {
  /** No more is to be read of the worker until `drained`. */
  readonly full: () => void;
  readonly drained: () => void;
}

const NEWLINE = Buffer.from('\n');

/** `attach` takes over the read end of a pipe, which is made with the first line. */
export function createStrayOutput(
  pipes: Pick<PipePool, 'take'>,
  attach: (fd: number) => void,
  { full, drained }: StrayEvents,
): StrayOutput {
  let socket: Socket | undefined;
  let hasFailed = false;

  const open = (): Socket | undefined => {
    try {
      const { read, write } = pipes.take();
      attach(read);
      const opened = new Socket({ fd: write, readable: false, writable: true });
      opened.on('error', () => undefined);
      opened.on('drain', drained);
      return opened;
    } catch {
      // Without descriptors it is lost, and nothing else.
      hasFailed = true;
      return undefined;
    }
  };

  return {
    write(bytes) {
      if (!hasFailed) socket ??= open();
      if (socket?.write(Buffer.concat([bytes, NEWLINE])) === false) full();
    },
    end: () => void socket?.end(),
  };
}
