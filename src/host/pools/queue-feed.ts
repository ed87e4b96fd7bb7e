/**
 * The messages of a queue as tasks of a pool. No more are leased than workers run, and a few for those that finish next. A
 * message is acknowledged when its task was answered; what was not begun goes back without counting as a failure.
 */
import type { PoolClient, TaskResult } from '../../control/pool-api.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Given, NackEnd, QueueBackend } from '../../ports/queue-backend.ts';

export interface QueueFeedOptions {
  /** Rejects where the queue cannot be opened. */
  readonly open: (name: string) => Promise<QueueBackend>;
  /** Undefined: it reads none. */
  readonly queue: () => string | undefined;
  /** Workers that can carry out a task now. */
  readonly running: () => number;
  readonly isJson: () => boolean;
  readonly tasks: PoolClient;
  readonly clock: Pick<Clock, 'after'>;
}

export interface QueueFeed {
  /** More or fewer workers may run. */
  look(): void;
  /** Why no message can be read; undefined: they can. */
  readonly trouble: string | undefined;
}

/** sysexits.h calls it EX_TEMPFAIL: the task is to be tried again, and that is no failure. */
const AGAIN = 75;
const ASK_AGAIN_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export function createQueueFeed(options: QueueFeedOptions): QueueFeed {
  const { open, queue, running, isJson, tasks, clock } = options;
  let underWay = 0;
  let asking: AbortController | undefined;
  let trouble: string | undefined;
  let pauseMs = FIRST_PAUSE_MS;

  const room = (): number => {
    const workers = running();
    return workers === 0 ? 0 : Math.max(0, workers + Math.ceil(workers / 4) - underWay);
  };

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      clock.after(pauseMs, resolve);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });

  /** Until it is done: without an answer the message would stay leased. */
  const insistently = async (deed: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await deed();
        return;
      } catch (error) {
        trouble = (error as Error).message;
        await pause();
      }
    }
  };

  const carryOut = (backend: QueueBackend, { lease, body }: Given): void => {
    underWay += 1;
    const settle = async (end: NackEnd | 'ack'): Promise<void> => {
      await insistently(() => (end === 'ack' ? backend.ack([lease]) : backend.nack([lease], end)));
      underWay -= 1;
      look();
    };
    const value = isJson() ? parsed(body) : { value: body };
    if ('invalid' in value) return void settle({ failure: value.invalid, again: false });
    tasks.submit(value.value, (result) => void settle(endOf(result)));
  };

  const ask = async (name: string, most: number, gone: AbortController): Promise<void> => {
    try {
      const backend = await open(name);
      const given = await backend.get(most, ASK_AGAIN_MS, Infinity, { holder: undefined, gone: gone.signal });
      trouble = undefined;
      pauseMs = FIRST_PAUSE_MS;
      for (const one of given) carryOut(backend, one);
    } catch (error) {
      trouble = `cannot read queue '${name}': ${(error as Error).message}`;
      await pause();
    }
  };

  function look(): void {
    const name = queue();
    const most = name === undefined ? 0 : room();
    if (most === 0 || name === undefined) {
      asking?.abort();
      return;
    }
    if (asking !== undefined) return;
    const gone = new AbortController();
    asking = gone;
    void ask(name, most, gone).then(() => {
      asking = undefined;
      look();
    });
  }

  return {
    look,
    get trouble() {
      return trouble;
    },
  };
}

function endOf(result: TaskResult): NackEnd | 'ack' {
  if (result.is === 'done') return 'ack';
  const { code, message, exit } = result;
  switch (code) {
    case 'aborted':
    case 'pool-stopped':
    case 'pool-failed':
    case 'cap-refused':
      return { failure: message, again: true, waitMs: 0 };
    case 'worker-died':
      return { failure: message, again: exit !== undefined && 'code' in exit && exit.code === AGAIN };
    case 'invalid-value':
    case 'invalid-answer':
    case 'timeout':
      return { failure: message, again: false };
  }
}

function parsed(body: string | Uint8Array): { readonly value: unknown } | { readonly invalid: string } {
  try {
    return { value: JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString()) as unknown };
  } catch {
    return { invalid: "the message is not JSON, which the framing 'json' needs" };
  }
}
