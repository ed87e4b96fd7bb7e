/** The program of a worker thread, which hashes one file after the other. The thread of hash-workers.ts ends it. */
import { parentPort } from 'node:worker_threads';
import { hashInput, type HashedInput, type HashOrder } from './hash-input.ts';

/** Null: it cannot be read, and the main thread is to see for itself why. */
export type HashAnswer = HashedInput | null;

// Answers keep the order of the questions.
let last = Promise.resolve();
parentPort?.on('message', (order: HashOrder) => {
  last = last.then(async () => parentPort?.postMessage(await hashInput(order).catch(() => null)));
});
