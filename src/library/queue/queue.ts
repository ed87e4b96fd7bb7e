/** `openQueue()`: a queue of a running supervisor, over a session of its own. */
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import { sentMessage } from '../../control/session/message.ts';
import { supervisorSocket } from '../supervisor-socket.ts';
import { createEnds, type Ask } from './ends.ts';
import { QueueError } from './error.ts';
import { GivenMessage, type Given, type QueueMessage } from './message.ts';
import { takeMessages } from './messages.ts';
import type { GetOptions, MessageValue, OpenQueueOptions, PutOptions } from './options.ts';

export interface MessageQueue extends AsyncDisposable {
  readonly name: string;
  /** Resolves with the ids when the messages are stored, all or none. */
  put(messages: MessageValue | readonly MessageValue[], options?: PutOptions): Promise<readonly string[]>;
  /** Resolves with none when the time to wait is over. */
  get(options?: GetOptions): Promise<readonly QueueMessage[]>;
  /**
   * Takes messages until the loop is left or the queue is closed: `count` at a time, and with more than one and no `leaseMs`
   * the next ones while these are worked on. What the loop has not come to when it is left is given back.
   */
  messages(options?: Omit<GetOptions, 'waitMs'>): AsyncGenerator<QueueMessage, void, undefined>;
  /** What was given to this process and not acknowledged goes to other readers. */
  close(): void;
}

/** Rejects with `QueueError`. The queue is made by its first use. */
export async function openQueue(name: string, options: OpenQueueOptions = {}): Promise<MessageQueue> {
  const session = await connected(options);
  let hasClosed = false;
  const isClosed = (): boolean => hasClosed;
  const ask: Ask = async (verb, input) => {
    try {
      return await session.ask(`queue.${verb}`, { name, on: options.on, ...input });
    } catch (error) {
      throw queueError(error as Error);
    }
  };
  const ends = createEnds(ask);
  const get = async ({ count, waitMs = 0, leaseMs }: GetOptions = {}): Promise<readonly GivenMessage[]> => {
    const { messages } = (await ask('get', { most: count, wait: waitMs, lease: leaseMs })) as {
      readonly messages: readonly Given[];
    };
    return messages.map((one) => new GivenMessage(one, ends));
  };
  const close = (): void => {
    hasClosed = true;
    session.close();
  };
  return {
    name,
    async put(messages, how = {}) {
      const { priority, delayMs: delay, key, onTaken: taken, attempts, waitMs: wait } = how;
      const all = (isOne(messages) ? [messages] : messages).map(sentMessage);
      const { ids } = (await ask('put', { messages: all, priority, delay, key, taken, attempts, wait })) as {
        readonly ids: readonly string[];
      };
      return ids;
    },
    get,
    messages: (how) => takeMessages({ get, ends, isClosed }, how),
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

const isOne = (messages: MessageValue | readonly MessageValue[]): messages is MessageValue =>
  typeof messages === 'string' || messages instanceof Uint8Array;

async function connected(options: OpenQueueOptions): Promise<SessionClient> {
  const socket = supervisorSocket(options, (message) => {
    throw new QueueError('NO_SUPERVISOR', message);
  });
  try {
    return await connectSession(socket, { command: 'openQueue()', pid: process.pid });
  } catch (error) {
    throw queueError(error as Error);
  }
}

function queueError(error: Error): QueueError {
  const { message } = error;
  if (!(error instanceof VerbError))
    return new QueueError('NO_SUPERVISOR', `cannot reach the supervisor: ${message}`, { cause: error });
  if (error.code === 'queue-full') return new QueueError('FULL', message, { cause: error });
  if (error.code === 'not-stored') return new QueueError('NOT_STORED', message, { cause: error });
  return new QueueError('REFUSED', message, { cause: error });
}
