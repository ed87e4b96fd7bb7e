/** The package bullmq, which users may install: only who keeps queues in Redis needs it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Job, Queue, Worker } from 'bullmq';
import { QueueRefused } from '../../ports/queue-backend.ts';

export type BullQueue = Queue<unknown, unknown>;
export type BullWorker = Worker<unknown, unknown>;
export type BullJob = Job<unknown, unknown>;

interface Bullmq {
  readonly Queue: typeof Queue;
  readonly Worker: typeof Worker;
}

const NAME = 'bullmq';

/** `root`: of the project, whose packages count too. Throws `QueueRefused` where it is not installed. */
export function loadBullmq(root: string): Bullmq {
  for (const from of [join(root, 'package.json'), import.meta.url]) {
    try {
      const require = createRequire(from);
      const loaded = require(NAME) as Bullmq;
      // Its client is a package of its own, which it loads with the first queue.
      createRequire(require.resolve(NAME)).resolve('ioredis');
      return loaded;
    } catch {
      continue;
    }
  }
  throw new QueueRefused(
    'no-engine',
    'queues in Redis need the packages bullmq and ioredis, which are not installed',
    "install them with 'npm install bullmq ioredis' in the project",
  );
}
