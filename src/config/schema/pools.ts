/** The schema of pools: workers that carry out tasks. */
import { FRAMINGS } from '../../core/pool/framing.ts';
import { NAMED_CAPS } from './caps.ts';
import { GENTLE_STOP } from './ending.ts';
import { ORDER } from './order.ts';
import { command, duration, NAME, QUEUE_NAME, text, whole, wordLike } from './parts.ts';
import { SURROUNDINGS } from './program.ts';
import { z } from './zod.ts';

const pool = z.strictObject({
  command: command('A worker: it reads a task from stdin and answers on stdout, again and again.'),
  size: z.optional(whole('Number of workers. -m and scale override it. Default: 1.', 1, 1_000)),
  framing: z.optional(
    wordLike(
      'How tasks and answers are told apart: a line each, a line of JSON, a text that ends with a NUL byte, or four bytes of length before each. Default: line.',
      FRAMINGS,
    ),
  ),
  recycle: z.optional(whole('Replace a worker after so many tasks. Default: never.', 1, 1_000_000_000)),
  max_memory: z.optional(
    z.union([
      text('Replace a worker that takes more memory when it has answered: 300MiB. Default: no limit.'),
      whole('The same in bytes.', 1, Number.MAX_SAFE_INTEGER),
    ]),
  ),
  retries: z.optional(
    whole('Try a task again so often if its worker dies or it times out. Default: 0.', 0, 1_000),
  ),
  timeout: z.optional(duration('Time limit of a task: its worker is killed then. Default: none.')),
  queue: z.optional(
    z.string().check(z.meta({ description: 'Queue whose messages are its tasks.', pattern: QUEUE_NAME })),
  ),
  uses: z.optional(NAMED_CAPS('each task uses while it is carried out')),
  ...SURROUNDINGS,
  ...ORDER,
  ...GENTLE_STOP,
});

export const pools = z
  .record(z.string().check(z.meta({ pattern: NAME })), pool)
  .check(z.describe('Workers by name, which carry out the tasks of procsup pool run NAME.'));
