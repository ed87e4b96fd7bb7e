/**
 * Reads the output of the stages up to the end of file, as `$(...)` in a shell does. A background process of a stage may
 * hold the pipe open for ever, so reading ends a little while after the stages have exited. Everything that the stages
 * wrote is in the pipe by then, and is read.
 */
import type { Clock } from '../../ports/clock.ts';
import type { OpenReader } from '../../ports/output.ts';
import type { OutputPlace } from './output-place.ts';

export interface OutputReading {
  /** To be called once, when all stages have exited. Resolves when nothing more is read. */
  finish(): Promise<void>;
  /**
   * To be called when the pipeline is stopped and the place is never full: stages no longer wait in a write, and
   * background processes are not waited for.
   */
  abandon(): void;
}

export interface OutputReadingOptions {
  /** The read end of the pipe, which is closed here. */
  readonly fd: number;
  readonly place: OutputPlace;
  /** Reads to the start of `buffer`. */
  readonly openReader: OpenReader;
  readonly buffer: Uint8Array;
  readonly clock: Clock;
}

const DRAIN_MS = 1000;
/** The largest pipe that an unprivileged program can make. */
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
    // The last stage gets SIGPIPE.
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
