/**
 * A stream's lines on a response, put together: one write, and one chunk of HTTP, for each of them costs more than all
 * else that is done for it. What waits is written at the end of this turn of the event loop at the latest. However fast
 * the reader is, others have their turn after each TURN_CHARACTERS.
 */
import type { ServerResponse } from 'node:http';
import type { Lines } from './route.ts';

/** So much of a stream is written in one turn of the event loop. */
const TURN_CHARACTERS = 64 * 1024;

export interface ResponseLines extends Lines {
  /** Writes what waits. */
  flush(): void;
}

export function linesTo(response: ServerResponse, gone: AbortSignal): ResponseLines {
  let waiting: string[] = [];
  let writtenCharacters = 0;
  let flushing: NodeJS.Immediate | undefined;
  let wake: (() => void) | undefined;
  // One listener for all waiting: one for each would stay until the reader has gone.
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
