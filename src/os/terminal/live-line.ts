/**
 * One line on a terminal that is redrawn and removed without a trace. It is below the cursor, which does not move: output
 * of other programs on the same terminal is not mixed with it, but pushes it down.
 */
import type { Sink } from '../../ports/output.ts';
import { openSink } from './stdout.ts';
import { isInForeground } from './group.ts';

export interface LiveLine {
  /** Columns of the terminal now. */
  readonly columns: number;
  /** One that is wider than the terminal would leave scraps behind. While we are in the background nothing is drawn. */
  draw(text: string): void;
  /** Takes it away; it may be drawn again. */
  clear(): void;
  /** Takes it away for good. Idempotent. */
  close(): void;
}

/** `process.stderr`. */
export interface LiveLineOutput {
  readonly fd: number;
  readonly columns?: number;
}

/** `process`. */
export interface LiveLineHost {
  readonly pid: number;
  on(event: 'SIGTSTP', listener: () => void): unknown;
  off(event: 'SIGTSTP', listener: () => void): unknown;
  kill(pid: number, signal: 'SIGTSTP'): unknown;
}

export interface LiveLineParts {
  readonly output: LiveLineOutput;
  readonly host?: LiveLineHost;
  /** Default: a description of our own of the output's terminal, so that one stopped by Ctrl-S does not stop us. */
  readonly sink?: Sink;
  /** Whether the terminal is ours to write to. */
  readonly isForeground?: () => boolean;
}

/** Some terminals do not know. */
const USUAL_COLUMNS = 80;

// To the next row and back: at the bottom of the screen that makes room. What follows the cursor is ours, if anything.
const BEGIN = '\x1bD\x1b[A\x1b[K\x1b7\x1b[B\r';
const END = '\x1b[J\x1b8';
const CLEAR = '\x1b[J';

export function openLiveLine({
  output,
  host = process,
  sink = openSink(output.fd),
  isForeground = () => isInForeground() === true,
}: LiveLineParts): LiveLine {
  let isShown = false;
  let isBusy = false;
  let isGone = false;
  let isClosed = false;
  let isListening = false;

  const write = (text: string): void => {
    isBusy = !sink.write(Buffer.from(text));
  };

  const clear = (): void => {
    if (!isShown || isBusy || isGone) return;
    isShown = false;
    write(CLEAR);
  };

  /** Ctrl-Z: the shell that comes back is to find the screen as it was. */
  const suspend = (): void => {
    clear();
    stopListening();
    host.kill(host.pid, 'SIGTSTP');
  };

  const listen = (): void => {
    if (isListening) return;
    isListening = true;
    host.on('SIGTSTP', suspend);
  };

  const stopListening = (): void => {
    isListening = false;
    host.off('SIGTSTP', suspend);
  };

  sink.listen({ drain: () => (isBusy = false), gone: () => (isGone = true), stuck: () => undefined });

  return {
    get columns() {
      return output.columns || USUAL_COLUMNS;
    },
    draw(text) {
      if (isClosed || isGone || isBusy || !isForeground()) return;
      listen();
      isShown = true;
      write(BEGIN + text + END);
    },
    clear,
    close() {
      clear();
      stopListening();
      if (!isClosed) sink.close();
      isClosed = true;
    },
  };
}
