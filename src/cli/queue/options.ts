/** The options of `queue`. Which verb takes which is told by its own help text and checked in verbs.ts. */
import type { OptionSpec } from '../option-spec.ts';

export const QUEUE_OPTIONS = [
  {
    name: 'count',
    short: 'n',
    value: 'COUNT',
    hasVariable: false,
    description: 'get, peek, dead: at most COUNT messages (default: get 1, others 10)',
    commands: ['queue'],
  },
  {
    name: 'wait',
    value: 'DURATION',
    hasVariable: false,
    description: 'get: wait so long for a message; put: for room in a full queue (default: without limit)',
    commands: ['queue'],
  },
  {
    name: 'no-wait',
    hasVariable: false,
    description: 'put: fail at once if the queue is full',
    commands: ['queue'],
  },
  {
    name: 'lease',
    value: 'DURATION',
    hasVariable: false,
    description:
      'get: print each message with its lease, which lasts so long, instead of acknowledging it; work: the longest time for a command',
    commands: ['queue'],
  },
  {
    name: 'delay',
    value: 'DURATION',
    hasVariable: false,
    description: 'put, nack: time before the message is given out',
    commands: ['queue'],
  },
  {
    name: 'priority',
    value: 'NUMBER',
    hasVariable: false,
    description: 'put: higher ones are given out first, from -1000 to 1000 (default: 0)',
    commands: ['queue'],
  },
  {
    name: 'key',
    value: 'KEY',
    hasVariable: false,
    description:
      'put: not if a message with this key waits or is worked on; --replace replaces one that waits',
    commands: ['queue'],
  },
  {
    name: 'replace',
    hasVariable: false,
    description: 'put: with --key, replace the message that waits',
    commands: ['queue'],
  },
  {
    name: 'again',
    hasVariable: false,
    description: 'nack: this was no failure, and is not counted as one',
    commands: ['queue'],
  },
  {
    name: 'reason',
    value: 'TEXT',
    hasVariable: false,
    description: 'nack: why, for the dead letter',
    commands: ['queue'],
  },
  {
    name: 'workers',
    short: 'j',
    value: 'COUNT',
    hasVariable: false,
    default: '1',
    description: 'work: commands at a time',
    commands: ['queue'],
  },
  {
    name: 'attempts',
    value: 'COUNT',
    hasVariable: false,
    description: 'put, set: runs before a message becomes a dead letter (default: 5)',
    commands: ['queue'],
  },
  {
    name: 'backoff',
    value: 'DURATION',
    hasVariable: false,
    description:
      'set: time before the second run, doubled with each further one up to a minute (default: 1s)',
    commands: ['queue'],
  },
  {
    name: 'maxsize',
    value: 'COUNT',
    hasVariable: false,
    description: 'set: messages that are not finished; 0: any number (the default)',
    commands: ['queue'],
  },
  {
    name: 'max-message',
    value: 'SIZE',
    hasVariable: false,
    description: 'set: the largest message that put takes, at most 16MiB (default: 1MiB)',
    commands: ['queue'],
  },
  {
    name: 'durable',
    value: 'YES|NO',
    hasVariable: false,
    choices: ['yes', 'no'],
    default: 'yes',
    description: 'set: keep messages on disk; can be changed while the queue is empty',
    commands: ['queue'],
  },
  {
    name: 'on',
    value: 'URL',
    hasVariable: false,
    description: 'the queue of this name in Redis: redis://HOST:PORT; needs the packages bullmq and ioredis',
    commands: ['queue'],
  },
] as const satisfies readonly OptionSpec[];
