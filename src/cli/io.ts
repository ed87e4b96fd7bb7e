import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { plainTheme, type Theme } from '../ui/paint.ts';
import type { ProblemPaint } from '../ui/problem-text.ts';
import { decideColor, type ColorChoice } from './color.ts';

/** Our own output. */
export interface Streams {
  /** Writes data. Everything is written when it returns; a reader that left is no error. */
  stdout(data: string | Uint8Array): void;
  /** Writes diagnostics; never fails. */
  stderr(text: string): void;
  readonly coloured: Coloured;
  /** Loads the colours for one of the streams, chalk with them if there are any. */
  theme(stream: keyof Coloured): Promise<Theme>;
}

/** Whether our streams are coloured. */
export interface Coloured {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** What `start` knows of the world: nothing is loaded that its first child does not need. */
export interface StartIo extends Streams {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** What the other commands know of it. */
export interface Io extends StartIo {
  /** For what goes to stderr. */
  readonly paint: ProblemPaint;
}

/** The streams of this process. */
export function processStreams(color: ColorChoice): Streams {
  const decide = (fd: number) => decideColor({ choice: color, env: process.env, isTerminal: isatty(fd) });
  const coloured = { stdout: decide(1), stderr: decide(2) };
  return {
    stdout: (data) => {
      const error = writeText(1, data);
      if (error !== undefined) throw new LostOutput(error);
    },
    stderr: (text) => {
      writeText(2, text);
    },
    coloured,
    theme: (stream) => loadTheme(coloured[stream]),
  };
}

/** Data could not be written: the disk is full, say. */
export class LostOutput extends Error {
  constructor({ message }: Error) {
    super(`cannot write to standard output: ${message}`);
  }
}

/** `createTheme`, without loading it where there is nothing to colour. */
export async function loadTheme(enabled: boolean): Promise<Theme> {
  return enabled ? (await import('../ui/theme.ts')).createTheme(true) : plainTheme;
}

const GONE = ['EPIPE', 'EIO', 'ECONNRESET', 'EBADF', 'ENXIO'];
const RETRY_MS = 5;

/**
 * Writes all of `text`, waiting for a slow reader even where another program has made the descriptor non-blocking.
 * Returns what went wrong, unless it is only that nobody is there to read.
 */
export function writeText(fd: number, text: string | Uint8Array): Error | undefined {
  let rest = typeof text === 'string' ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (thrown) {
      const error = thrown as NodeJS.ErrnoException;
      if (error.code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      else return GONE.includes(error.code ?? '') ? undefined : error;
    }
  }
  return undefined;
}
