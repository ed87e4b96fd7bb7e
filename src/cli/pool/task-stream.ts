/** One request that lasts as long as the pool: values go in its body, results come in its answer. */
import { request } from 'node:http';
import type { ErrorBody } from '../../control/client.ts';

export interface TaskStream {
  /** A line of JSON. */
  send(line: unknown): void;
  /** What comes is given to these. */
  listen(events: TaskStreamEvents): void;
  pause(): void;
  resume(): void;
  /** No more will be sent. Resolves when the connection has ended. */
  end(): Promise<void>;
}

export interface TaskStreamEvents {
  readonly line: (line: unknown) => void;
  /** The supervisor has ended it, or is gone. Not called after `end`. */
  readonly lost: (reason: string) => void;
}

const LAST_ANSWER_MS = 2_000;

export function openTaskStream(socketPath: string, pool: string): TaskStream {
  const headers = { 'content-type': 'application/x-ndjson' };
  const path = `/v1/pools/${encodeURIComponent(pool)}/run`;
  const asked = request({ socketPath, method: 'POST', path, headers, agent: false });
  let events: TaskStreamEvents = { line: () => undefined, lost: () => undefined };
  let [isEnding, isLost] = [false, false];
  let error: ErrorBody | undefined;
  let over = (): void => undefined;
  const ended = new Promise<void>((resolve) => (over = resolve));
  let answer: { pause(): unknown; resume(): unknown } | undefined;

  const lose = (reason: string): void => {
    if (!isEnding && !isLost) events.lost(error?.message ?? reason);
    isLost = true;
    over();
  };
  const take = (text: string): void => {
    if (text === '') return;
    const line = JSON.parse(text) as { readonly error?: ErrorBody };
    if (line.error === undefined) events.line(line);
    else error = line.error;
  };

  asked.on('response', (response) => {
    answer = response;
    let rest = '';
    response.setEncoding('utf8');
    response.on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    response.on('error', () => undefined);
    response.on('close', () => lose('the supervisor has ended'));
  });
  asked.on('error', ({ message }) => lose(`the supervisor has ended (${message})`));
  asked.flushHeaders();

  return {
    send: (line) => void asked.write(`${JSON.stringify(line)}\n`),
    listen: (listener) => (events = listener),
    pause: () => answer?.pause(),
    resume: () => answer?.resume(),
    end() {
      isEnding = true;
      if (isLost) return ended;
      asked.end();
      // It answers as soon as it has read what was aborted.
      const giveUp = setTimeout(() => asked.destroy(), LAST_ANSWER_MS);
      return ended.finally(() => {
        clearTimeout(giveUp);
        asked.destroy();
      });
    },
  };
}
