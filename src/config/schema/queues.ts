/** The schema of queues. */
import { duration, flag, QUEUE_NAME, size, text, whole } from './parts.ts';
import { z } from './zod.ts';

const queue = z.strictObject({
  attempts: z.optional(whole('Runs that may begin before a message is a dead letter. Default: 5.', 1, 1_000)),
  backoff: z.optional(
    duration('Time before a message is given out again; doubled with each failed run. Default: 1s.'),
  ),
  maxsize: z.optional(
    whole('Messages that are not finished; put waits for room. 0: no limit. Default: 0.', 0, 1_000_000_000),
  ),
  max_message: z.optional(
    size('The largest message that put takes, at most 16MiB; those that are there stay. Default: 1MiB.'),
  ),
  durable: z.optional(
    flag('Whether messages are kept on disk, and not only in memory. Default: true, where Node has SQLite.'),
  ),
  on: z.optional(
    text('Redis server that keeps the messages, by the package bullmq: redis://HOST:PORT. Default: none.'),
  ),
});

export const queues = z
  .record(z.string().check(z.meta({ pattern: QUEUE_NAME })), z.nullable(queue))
  .check(z.describe('Rules of queues by name. Others are made by their first use.'));
