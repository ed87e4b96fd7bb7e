/** What the help says of the options of `queue`. */
import type { QUEUE_OPTIONS } from '../queue/options.ts';
import type { WordsFor } from './words.ts';

export const QUEUE_OPTION_WORDS = {
  count: 'get, peek, dead: at most COUNT messages (default: get 1, others 10)',
  wait: 'get: wait so long for a message; put: for room in a full queue (default: without limit)',
  'no-wait': 'put: fail at once if the queue is full',
  lease:
    'get: print each message with its lease, which lasts so long, instead of acknowledging it; work: the longest time for a command',
  delay: 'put, nack: time before the message is given out',
  priority: 'put: higher ones are given out first, from -1000 to 1000 (default: 0)',
  key: 'put: not if a message with this key waits or is worked on; --replace replaces one that waits',
  replace: 'put: with --key, replace the message that waits',
  again: 'nack: this was no failure, and is not counted as one',
  reason: 'nack: why, for the dead letter',
  workers: 'work: commands at a time',
  attempts: 'put, set: runs before a message becomes a dead letter (default: 5)',
  backoff: 'set: time before the second run, doubled with each further one up to a minute (default: 1s)',
  maxsize: 'set: messages that are not finished; 0: any number (the default)',
  durable: 'set: keep messages on disk; can be changed while the queue is empty',
  on: 'the queue of this name in Redis: redis://HOST:PORT; needs the packages bullmq and ioredis',
} as const satisfies WordsFor<typeof QUEUE_OPTIONS>;
