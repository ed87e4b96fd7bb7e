/**
 * Our own standard output, written so that a reader who stops can never stop us.
 *
 * `fstat` decides how, as no one way does for all:
 *
 * - Pipe, terminal: O_NONBLOCK belongs to the open file description, which we share with whoever started us and with
 *   children, so it is not ours to set. `/proc/self/fd/N` opened again is a description of our own. Where there is no
 *   such thing (macOS) or it may not be opened (after `su`), libuv takes the pipe; a terminal is then written blocking.
 * - Socket: cannot be opened again (ENXIO), but send(2) can be told not to wait. Where we cannot call it, libuv takes it.
 * - Regular file: plain writes, which hardly block; opened again it would lose the offset it has in common with others.
 * - Other devices (/dev/null): plain writes.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { isTerminal } from './is-terminal.ts';
import type { Sink } from '../../ports/output.ts';
import { retryAfter } from './retry-later.ts';
import { sendWithoutWaiting } from './send-later.ts';
import { postThroughSocket } from './socket-later.ts';
import { createSink, NOTHING_WRITTEN, writeOnce, writeWhatGoes, type SinkParts } from './sink.ts';
import { watchReader } from '../pipes/watch-reader.ts';

/** A busy terminal is ready again soon; one stopped with Ctrl-S may stay so for hours. */
const TERMINAL_RETRY_MS = [1, 2, 4, 8, 16, 32, 50];

export interface StdoutOptions {
  /** How often to look whether a pipe or socket still has a reader. Default 1000. */
  readonly readerCheckMs?: number;
  /** How often to try again when the disk is full. Default 1000. */
  readonly fullDiskRetryMs?: number;
}

export function openSink(fd = 1, options: StdoutOptions = {}): Sink {
  if (isTerminal(fd)) return terminalSink(fd);
  const kind = fstatSync(fd);
  if (kind.isFIFO()) return watchedSink(fd, options, pipeParts(fd));
  if (kind.isSocket()) return watchedSink(fd, options, socketParts(fd));
  return fileSink(fd, options.fullDiskRetryMs ?? 1000);
}

type UnwatchedParts = Omit<SinkParts, 'isTerminal'>;

function watchedSink(fd: number, { readerCheckMs = 1000 }: StdoutOptions, parts: UnwatchedParts): Sink {
  const sink = createSink({
    isTerminal: false,
    ...parts,
    write(bytes) {
      watch.wrote();
      return parts.write(bytes);
    },
    release() {
      watch.stop();
      parts.release?.();
    },
  });
  const watch = watchReader(fd, { everyMs: readerCheckMs }, () => sink.lose());
  return sink;
}

function fileSink(fd: number, retryMs: number): Sink {
  const later = retryAfter(fd, [retryMs]);
  return createSink({ isTerminal: false, write: (bytes) => writeWhatGoes(fd, bytes), later });
}

function terminalSink(fd: number): Sink {
  const own = reopen(fd) ?? fd;
  const later = retryAfter(own, TERMINAL_RETRY_MS);
  const write = (bytes: Uint8Array) => writeWhatGoes(own, bytes);
  const release = (): void => {
    if (own !== fd) closeSync(own);
  };
  return createSink({ isTerminal: true, write, later, release });
}

function pipeParts(fd: number): UnwatchedParts {
  const own = reopen(fd);
  if (own === undefined) return { write: () => NOTHING_WRITTEN, later: postThroughSocket(fd) };
  const later = postThroughSocket(own);
  const release = (): void => {
    if (!later.ownsDescriptor) closeSync(own);
  };
  return { write: (bytes) => writeOnce(own, bytes), later, release };
}

function socketParts(fd: number): UnwatchedParts {
  return sendWithoutWaiting(fd, async () => (await import('../pipes/koffi-addon.ts')).loadFastKoffiSend());
}

/** Another description of the same pipe or terminal, non-blocking; undefined where the system does not allow it. */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
