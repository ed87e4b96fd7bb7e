/**
 * Large files hashed by a few threads, which are started for it and ended after it. They only save time: what they do not hash,
 * because a file cannot be read or a thread has died or could not be started, is hashed by the main thread, which meets each error
 * itself.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HashedInput, HashOrder } from './hash-input.ts';
import type { HashAnswer } from './hash-worker.ts';

export interface SizedOrder extends HashOrder {
  readonly sizeBytes: number;
}

export interface HashWorkersOptions {
  readonly signal?: AbortSignal | undefined;
  readonly count?: number;
  /** Throws where no thread can be started. */
  readonly start?: () => Worker;
}

const MOST_WORKERS = 4;
/** The next one is there before the thread asks, though the main thread may be busy. */
const FILES_AHEAD = 2;

/** By path. Rejects with the signal's reason, and in no other case. */
export async function hashByWorkers(
  orders: readonly SizedOrder[],
  {
    signal,
    count = Math.min(MOST_WORKERS, availableParallelism()),
    start = startWorker,
  }: HashWorkersOptions = {},
): Promise<ReadonlyMap<string, HashedInput>> {
  signal?.throwIfAborted();
  const hashed = new Map<string, HashedInput>();
  // The largest first: one that is begun last would be waited for by all.
  const ahead = [...orders].sort((one, other) => one.sizeBytes - other.sizeBytes);
  const workers: Worker[] = [];
  const end = (): void => workers.forEach((worker) => void worker.terminate());
  signal?.addEventListener('abort', end);
  try {
    const ends: Promise<void>[] = [];
    while (workers.length < count && ahead.length > 0) {
      const worker = startedBy(start);
      if (worker === undefined) break;
      workers.push(worker);
      ends.push(serve(worker, ahead, hashed));
    }
    await Promise.all(ends);
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
  signal?.throwIfAborted();
  return hashed;
}

/** Until nothing is ahead, or the thread has ended: what it had been given is lost then. */
function serve(worker: Worker, ahead: SizedOrder[], hashed: Map<string, HashedInput>): Promise<void> {
  const given: string[] = [];
  return new Promise((resolve) => {
    const give = (): void => {
      const order = ahead.pop();
      if (order === undefined) return;
      given.push(order.path);
      worker.postMessage(order);
    };
    worker.on('message', (answer: HashAnswer) => {
      const path = given.shift();
      if (path !== undefined && answer !== null) hashed.set(path, answer);
      give();
      if (given.length === 0) resolve();
    });
    // Its exit follows.
    worker.on('error', () => undefined);
    worker.on('exit', () => resolve());
    for (let files = 0; files < FILES_AHEAD; files += 1) give();
  });
}

function startedBy(start: () => Worker): Worker | undefined {
  try {
    return start();
  } catch {
    return undefined;
  }
}

// Neither flags nor NODE_OPTIONS: what they load would be loaded by each thread.
const startWorker = (): Worker => new Worker(workerFile(), { execArgv: [], env: {} });

/** In the built program it lies beside this file; the tests run the sources. */
function workerFile(): string {
  const { resolve } = createRequire(import.meta.url);
  try {
    return resolve('./hash-worker.cjs');
  } catch {
    return resolve('../../../dist/hash-worker.cjs');
  }
}
