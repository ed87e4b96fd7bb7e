/** Pipes without a kernel: what the test writes is read when the test lets the event loop turn. */
import type { OpenReader } from '../../src/ports/output.ts';

export interface FakePipe {
  readonly isPaused: boolean;
  readonly isClosed: boolean;
  /** Bytes written and not yet read. */
  readonly unreadBytes: number;
  write(bytes: string | Uint8Array): void;
  /** The last writer closes its end. */
  end(): void;
}

export interface FakePipes {
  readInto(buffer: Uint8Array): OpenReader;
  /** The pipe whose read end is `fd`; made when it is first asked for. */
  pipe(fd: number): FakePipe;
  /** One turn of the event loop: every open pipe that is not paused is read once. */
  turn(): void;
}

interface Pipe extends FakePipe {
  isPaused: boolean;
  isClosed: boolean;
  read(buffer: Uint8Array): number | 'empty' | 'end';
  poll(): void;
}

export function createFakePipes(): FakePipes {
  const pipes = new Map<number, Pipe>();

  const pipe = (fd: number): Pipe => {
    let found = pipes.get(fd);
    if (found === undefined) pipes.set(fd, (found = createPipe()));
    return found;
  };

  return {
    pipe,
    turn() {
      for (const each of pipes.values()) each.poll();
    },
    readInto: (buffer) => (fd, events) => {
      const opened = pipe(fd);
      opened.poll = () => {
        if (opened.isPaused || opened.isClosed) return;
        const got = opened.read(buffer);
        if (got === 'end') {
          opened.isPaused = true;
          events.end();
        } else if (got !== 'empty') {
          events.data(got);
        }
      };
      return {
        pause: () => void (opened.isPaused = true),
        resume: () => void (opened.isPaused = false),
        readNow: () => (opened.isClosed ? 'end' : opened.read(buffer)),
        close: () => void (opened.isClosed = true),
      };
    },
  };
}

function createPipe(): Pipe {
  let unread = Buffer.alloc(0);
  let hasEnded = false;
  return {
    isPaused: false,
    isClosed: false,
    get unreadBytes() {
      return unread.length;
    },
    write(bytes) {
      unread = Buffer.concat([unread, typeof bytes === 'string' ? Buffer.from(bytes) : bytes]);
    },
    end() {
      hasEnded = true;
    },
    read(buffer) {
      if (unread.length === 0) return hasEnded ? 'end' : 'empty';
      const size = unread.copy(buffer);
      unread = unread.subarray(size);
      return size;
    },
    poll() {
      // Nobody reads it yet.
    },
  };
}
