/** `openQueue()`: a queue of a running supervisor, over a session of its own. */
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import { supervisorSocket } from '../supervisor-socket.ts';
import { QueueError } from './error.ts';
import type { GetOptions, MessageValue, NackOptions, OpenQueueOptions, PutOptions } from './options.ts';

/** A message that was given to this process. */
export interface QueueMessage {
  readonly id: string;
  /** Which run this is; 1 is the first. */
  readonly attempt: number;
  /** As UTF-8. */
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The work is done. Rejects with `LEASE_LOST` if another reader has it. */
  ack(): Promise<void>;
  /** Gives it back. */
  nack(options?: NackOptions): Promise<void>;
  /** Sets the end of its lease to so many milliseconds from now. */
  extend(leaseMs: number): Promise<void>;
}

export interface MessageQueue extends AsyncDisposable {
  readonly name: string;
  /** Resolves with the ids when the messages are stored, all or none. */
  put(messages: MessageValue | readonly MessageValue[], options?: PutOptions): Promise<readonly string[]>;
  /** Resolves with none when the time to wait is over. */
  get(options?: GetOptions): Promise<readonly QueueMessage[]>;
  /** Takes messages until the loop is left or the queue is closed: `count` at a time. */
  messages(options?: Omit<GetOptions, 'waitMs'>): AsyncGenerator<QueueMessage, void, undefined>;
  /** What was given to this process and not acknowledged goes to other readers. */
  close(): void;
}

type Ask = (verb: string, input: object) => Promise<unknown>;

/** A `get` of the loop: it is asked again after that. */
const LOOP_WAIT_MS = 60_000;
/** Of one request. */
const MOST_LEASES = 1000;

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
  const ack = createAck(ask);
  const get = async ({ count, waitMs = 0, leaseMs }: GetOptions = {}): Promise<readonly QueueMessage[]> => {
    const { messages } = (await ask('get', { most: count, wait: waitMs, lease: leaseMs })) as {
      readonly messages: readonly Given[];
    };
    return messages.map((one) => messageOf(ask, ack, one));
  };
  const close = (): void => {
    hasClosed = true;
    session.close();
  };
  return {
    name,
    async put(messages, how = {}) {
      const { priority, delayMs: delay, key, onTaken: taken, attempts, waitMs: wait } = how;
      const all = (isOne(messages) ? [messages] : messages).map(sendable);
      const { ids } = (await ask('put', { messages: all, priority, delay, key, taken, attempts, wait })) as {
        readonly ids: readonly string[];
      };
      return ids;
    },
    get,
    async *messages(how = {}) {
      while (!isClosed()) {
        let batch: readonly QueueMessage[];
        try {
          batch = await get({ ...how, waitMs: LOOP_WAIT_MS });
        } catch (error) {
          if (isClosed()) return;
          throw error;
        }
        yield* batch;
      }
    },
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

const isOne = (messages: MessageValue | readonly MessageValue[]): messages is MessageValue =>
  typeof messages === 'string' || messages instanceof Uint8Array;

const sendable = (value: MessageValue): string | { readonly base64: string } =>
  typeof value === 'string' ? value : { base64: Buffer.from(value).toString('base64') };

interface Given {
  readonly id: string;
  readonly lease: string;
  readonly attempt: number;
  readonly message: string | { readonly base64: string };
}

function messageOf(ask: Ask, ack: Ack, { id, lease, attempt, message }: Given): QueueMessage {
  const end = async (verb: string, input: object = {}): Promise<void> => {
    const { lost } = (await ask(verb, { leases: [lease], ...input })) as Lost;
    if (lost.length > 0) throw lostError(id);
  };
  const asText = typeof message === 'string';
  return {
    id,
    attempt,
    get text() {
      return asText ? message : Buffer.from(message.base64, 'base64').toString();
    },
    get bytes() {
      return asText ? Buffer.from(message) : Buffer.from(message.base64, 'base64');
    },
    async ack() {
      if (await ack(lease)) throw lostError(id);
    },
    nack: ({ again, delayMs: delay, reason } = {}) => end('nack', { again, delay, reason }),
    extend: (leaseMs) => end('extend', { lease: leaseMs }),
  };
}

interface Lost {
  readonly lost: readonly string[];
}

const lostError = (id: string): QueueError =>
  new QueueError('LEASE_LOST', `message ${id} is finished or was given to another reader`);

/** Resolves with whether the lease was lost. */
type Ack = (lease: string) => Promise<boolean>;

/** What is acknowledged in one turn is one request: that takes a tenth of the time of one for each. */
function createAck(ask: Ask): Ack {
  let gathered: string[] = [];
  let answer: Promise<ReadonlySet<string>> | undefined;
  const send = async (): Promise<ReadonlySet<string>> => {
    await Promise.resolve();
    const leases = gathered;
    gathered = [];
    answer = undefined;
    const parts = Array.from({ length: Math.ceil(leases.length / MOST_LEASES) }, (_, index) =>
      leases.slice(index * MOST_LEASES, (index + 1) * MOST_LEASES),
    );
    const answers = (await Promise.all(parts.map((part) => ask('ack', { leases: part })))) as readonly Lost[];
    return new Set(answers.flatMap(({ lost }) => lost));
  };
  return async (lease) => {
    gathered.push(lease);
    answer ??= send();
    return (await answer).has(lease);
  };
}

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
