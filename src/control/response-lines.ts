/**
 * Writes the lines of a stream to a response in batches: one write and one HTTP chunk per line would cost more than
 * everything else. Lines are written at the end of the turn of the event loop at the latest. After TURN_CHARACTERS
 * other connections get their turn, however fast the reader is.
 */
import type { ServerResponse } from 'node:http';
import type { Lines } from './route.ts';

/** Maximum output of a stream in one turn of the event loop. */
const TURN_CHARACTERS = 64 * 1024;

export interface ResponseLines extends Lines {
  /** Writes the lines collected so far. */
  flush(): void;
}

export function linesTo(response: ServerResponse, gone: AbortSignal): ResponseLines {
  let waiting: string[] = [];
  let writtenCharacters = 0;
  let flushing: NodeJS.Immediate | undefined;
  let wake: (() => void) | undefined;
  // One listener for all waits: one for each wait would stay until the reader is gone.
  response.on('drain', () => wake?.());
  gone.addEventListener('abort', () => wake?.(), { once: true });

  const flush = (): void => {
    clearImmediate(flushing);
    flushing = undefined;
    const text = waiting.join('');
    waiting = [];
    if (!gone.aborted && text !== '') response.write(text);
  };

  return {
    flush,
    write(value) {
      if (gone.aborted) return true;
      const line = `${JSON.stringify(value)}\n`;
      waiting.push(line);
      writtenCharacters += line.length;
      flushing ??= setImmediate(flush);
      return writtenCharacters < TURN_CHARACTERS && !response.writableNeedDrain;
    },
    async ready() {
      flush();
      if (response.writableNeedDrain && !gone.aborted) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      await new Promise((resolve) => setImmediate(resolve));
      writtenCharacters = 0;
    },
  };
}
