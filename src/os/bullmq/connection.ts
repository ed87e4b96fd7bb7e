/** A queue of BullMQ with its worker, which takes jobs only when it is asked to. */
import { engineText, type Engine } from '../../core/exchange/queue/engine.ts';
import { QueueRefused } from '../../ports/queue-backend.ts';
import type { BullQueue, BullWorker } from './load.ts';
import { loadBullmq } from './load.ts';
import { remarksOn, serverFacts } from './server-facts.ts';

export interface Connection {
  readonly queue: BullQueue;
  readonly worker: BullWorker;
  readonly server: string;
  readonly isDurable: boolean;
  readonly offsetMs: number;
  readonly remarks: readonly string[];
  /** The last error of the connection; undefined: it has worked since. */
  readonly trouble: { message: string | undefined };
  close(): void;
}

/** The supervisor renews locks every 5 s; what it held when it died is given back within 15 s. */
export const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
/** How many deaths are too many is for us to judge, together with other failures. */
const NO_LIMIT = 1_000_000;
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;

/** Rejects with `QueueRefused`. */
export async function connect(root: string, name: string, engine: Engine): Promise<Connection> {
  const { Queue, Worker } = loadBullmq(root);
  const server = engineText(engine);
  const connection = {
    host: engine.host,
    port: engine.port,
    db: engine.database,
    ...(engine.user !== undefined && { username: engine.user }),
    ...(engine.password !== undefined && { password: engine.password }),
    ...(engine.isTls && { tls: {} }),
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (times: number): number => Math.min(100 * 2 ** Math.min(times, 10), 2_000),
    // It would write to our stderr what we say ourselves.
    skipVersionCheck: true,
  };
  const trouble: Connection['trouble'] = { message: undefined };
  const queue = new Queue(name, { connection });
  const onError = (error: Error): void => void (trouble.message = wordsOf(error));
  queue.on('error', onError);
  let worker: BullWorker | undefined;
  const close = (): void => {
    for (const one of [worker, queue]) one?.close().catch(() => undefined);
    // A connection that is down would be waited for.
    for (const one of [worker, queue]) one?.disconnect().catch(() => undefined);
  };
  try {
    const client = await within(CONNECT_MS, queue.backend.client, () => unreachable(server, trouble.message));
    const askedMs = Date.now();
    const info = await within(CONNECT_MS, client.info(), () => unreachable(server, trouble.message));
    const facts = serverFacts(info, (askedMs + Date.now()) / 2);
    if (facts.evictionPolicy !== 'noeviction')
      throw new QueueRefused(
        'no-engine',
        `${server} throws messages away when it is full: its 'maxmemory-policy' is '${facts.evictionPolicy}'`,
        "set it to 'noeviction' in its configuration",
      );
    worker = new Worker(name, null, {
      ...{ connection, autorun: false, lockDuration: LOCK_MS, stalledInterval: STALLED_CHECK_MS },
      maxStalledCount: NO_LIMIT,
    });
    worker.on('error', onError);
    await within(CONNECT_MS, worker.waitUntilReady(), () => unreachable(server, trouble.message));
    void worker.startStalledCheckTimer();
    trouble.message = undefined;
    const { isDurable, offsetMs } = facts;
    return { queue, worker, server, isDurable, offsetMs, remarks: remarksOn(facts, server), trouble, close };
  } catch (error) {
    close();
    throw error instanceof QueueRefused ? error : unreachable(server, wordsOf(error as Error));
  }
}

const unreachable = (server: string, why = 'no answer'): QueueRefused =>
  new QueueRefused(
    'no-engine',
    `cannot connect to ${server}: ${why}`,
    'see whether it runs, and its address',
  );

/** Nothing in the client gives up while it is not connected. */
export function within<T>(ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** What may change the queue: without an answer it is not known whether it has. */
export async function answered<T>({ server }: Connection, promise: Promise<T>): Promise<T> {
  try {
    return await within(
      ANSWER_MS,
      promise,
      () =>
        new QueueRefused(
          'not-known',
          `${server} has not answered for ${String(ANSWER_MS / 1000)} s: it may have been done`,
          'repeat it; a message that has a key is not put twice',
        ),
    );
  } catch (error) {
    throw error instanceof Error && isFull(error)
      ? new QueueRefused('not-written', `${server} is full`)
      : error;
  }
}

export const isFull = ({ message }: Error): boolean => message.includes('OOM');

/** Some errors of connections have no message of their own. */
function wordsOf(error: Error & { readonly code?: string }): string {
  return error.message === '' ? (error.code ?? error.name) : error.message;
}
