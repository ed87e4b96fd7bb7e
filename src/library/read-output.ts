/**
 * Reads what the stages write to us, to its end. The end is an end of file, as it is for a shell's `$(...)`; but whatever
 * a stage has left behind may hold the pipe for ever, so it is waited for only a little while longer than the
 * stages. All that they wrote themselves is in the pipe by then, and is taken.
 */
import type { Clock } from '../ports/clock.ts';
import type { OpenReader } from '../ports/output.ts';
import type { OutputPlace } from './output-place.ts';

export interface OutputReading {
  /** All stages have ended. Resolves when nothing more is read; once. */
  finish(): Promise<void>;
  /**
   * The pipeline is stopped, and the place full no more: no stage waits in a write, and nobody for what a stage has left
   * behind.
   */
  abandon(): void;
}

export interface OutputReadingOptions {
  /** The read end of the pipe, which belongs to the reading now. */
  readonly fd: number;
  readonly place: OutputPlace;
  /** Reads to the start of `buffer`. */
  readonly openReader: OpenReader;
  readonly buffer: Uint8Array;
  readonly clock: Clock;
}

const DRAIN_MS = 1000;
/** More cannot be in a pipe that an ordinary user's program has made. */
const LARGEST_PIPE_BYTES = 1024 * 1024;

export function readOutput(options: OutputReadingOptions): OutputReading {
  const { fd, place, openReader, buffer, clock } = options;
  let [isOver, isFinishing] = [false, false];
  let settle = (): void => undefined;
  const over = new Promise<void>((resolve) => (settle = resolve));

  const close = (): void => {
    if (isOver) return;
    isOver = true;
    reader.close();
    settle();
  };

  const take = (byteCount: number): boolean => place.take(buffer.subarray(0, byteCount));

  const takeWhatIsThere = (): void => {
    if (isOver) return;
    for (let left = LARGEST_PIPE_BYTES; left > 0;) {
      const got = reader.readNow();
      if (typeof got !== 'number') break;
      take(got);
      left -= got;
    }
    close();
  };

  const reader = openReader(fd, {
    data(byteCount) {
      if (!take(byteCount)) reader.pause();
    },
    end: close,
  });
  place.listen({
    ready: () => reader.resume(),
    // The last stage hears of it by SIGPIPE.
    gone: close,
  });

  return {
    async finish() {
      isFinishing = true;
      const cancel = clock.after(DRAIN_MS, takeWhatIsThere);
      await over;
      cancel();
    },
    abandon() {
      if (isFinishing) takeWhatIsThere();
      else reader.resume();
    },
  };
}
