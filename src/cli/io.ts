import { writeSync } from 'node:fs';
import { isTerminal } from '../os/terminal/is-terminal.ts';
import { plainTheme, type Theme } from '../ui/paint.ts';
import type { ProblemPaint } from '../ui/problem-text.ts';
import { decideColor, type ColorChoice } from './color.ts';

/** The output streams of procsup itself. */
export interface Streams {
  /** Writes data. Returns when everything is written; a closed reader is not an error. */
  stdout(data: string | Uint8Array): void;
  /** Writes diagnostics; never fails. */
  stderr(text: string): void;
  readonly coloured: Coloured;
  /** The theme of one of the streams; loads chalk only if it is colored. */
  theme(stream: keyof Coloured): Promise<Theme>;
}

/** Whether the streams are colored. */
export interface Coloured {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Streams, environment and directory for `start`, which loads nothing that its first child does not need. */
export interface StartIo extends Streams {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Streams, environment and directory for the other commands. */
export interface Io extends StartIo {
  /** For stderr. */
  readonly paint: ProblemPaint;
}

/** The streams of this process. */
export function processStreams(color: ColorChoice): Streams {
  const decide = (fd: number) => decideColor({ choice: color, env: process.env, isTerminal: isTerminal(fd) });
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

/** Data could not be written, for example because the disk is full. */
export class LostOutput extends Error {
  constructor({ code, message }: NodeJS.ErrnoException) {
    super(lostOutputText(code ?? message));
  }
}

export const lostOutputText = (errno: string): string =>
  `cannot write to standard output: ${REASONS[errno] ?? errno}`;

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'file too large',
  // Closed with `>&-` (see bin/procsup.js), or open for reading only.
  EBADF: 'it is not open for writing',
};

/** `createTheme`, loaded only if colors are used. */
export async function loadTheme(enabled: boolean): Promise<Theme> {
  return enabled ? (await import('../ui/theme.ts')).createTheme(true) : plainTheme;
}

/** Who read it is gone, which is no error. */
export const isReaderGone = (errno: string): boolean => GONE.includes(errno);

const GONE = ['EPIPE', 'EIO', 'ECONNRESET', 'ENXIO'];
const RETRY_MS = 5;

/**
 * Writes all of `text`. Waits for a slow reader even if another program has made the descriptor non-blocking.
 * Returns the error, unless it only means that the reader is gone.
 */
export function writeText(fd: number, text: string | Uint8Array): Error | undefined {
  let rest = typeof text === 'string' ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (thrown) {
      const error = thrown as NodeJS.ErrnoException;
      if (error.code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      else return isReaderGone(error.code ?? '') ? undefined : error;
    }
  }
  return undefined;
}
