/** The schemas of what queues are asked and answer. */
import { LARGEST_MESSAGE_BYTES } from '../../core/exchange/queue/rules.ts';
import { LONGEST_DURATION_MS } from '../../text/duration.ts';
import { object } from '../schema.ts';

export const NAME = {
  type: 'string',
  title: 'queue name',
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$',
  maxLength: 63,
} as const;
/** The URL of an engine. */
export const ON = { type: 'string', maxLength: 500 } as const;
export const TEXT = { type: 'string', maxLength: 1000 } as const;
export const ID = { type: 'string', maxLength: 50 } as const;
export const IDS = { type: 'array', items: ID, maxItems: 1000 } as const;
export const LEASES = IDS;
export const COUNT = { type: 'integer', minimum: 0 } as const;
export const MOST = { type: 'integer', minimum: 1, maximum: 1000 } as const;
export const ATTEMPTS = { type: 'integer', minimum: 1, maximum: 1000 } as const;
export const MILLISECONDS = { type: 'integer', minimum: 0, maximum: LONGEST_DURATION_MS } as const;
export const MAX_MESSAGE = { type: 'integer', minimum: 1, maximum: LARGEST_MESSAGE_BYTES } as const;
export const FLAG = { type: 'boolean' } as const;
/** Text, or bytes that are not UTF-8. */
export const MESSAGE = {
  anyOf: [{ type: 'string' }, object({ base64: { type: 'string' } }, ['base64'])],
} as const;
export const LOST = object({ lost: LEASES }, ['lost']);

const FAILURES = {
  type: 'array',
  items: object({ time: TEXT, reason: TEXT }, ['time', 'reason']),
} as const;

export const LISTED = object(
  {
    messages: {
      type: 'array',
      items: object({ id: ID, state: TEXT, attempts: COUNT, message: MESSAGE, failures: FAILURES }, [
        ...(['id', 'state', 'attempts', 'message', 'failures'] as const),
      ]),
    },
  },
  ['messages'],
);

const INFO = object(
  {
    ...{
      name: NAME,
      ready: COUNT,
      delayed: COUNT,
      leased: COUNT,
      dead: COUNT,
      readers: COUNT,
      writers: COUNT,
    },
    ...{
      maxsize: { anyOf: [COUNT, { type: 'null' }] },
      on: { anyOf: [TEXT, { type: 'null' }] },
      remarks: { type: 'array', items: TEXT },
      attempts: COUNT,
      backoff: COUNT,
      max_message: COUNT,
      paused: FLAG,
      durable: FLAG,
    },
  },
  [
    ...(['name', 'ready', 'delayed', 'leased', 'dead', 'readers', 'writers'] as const),
    ...(['maxsize', 'attempts', 'backoff', 'max_message', 'paused', 'durable', 'on', 'remarks'] as const),
  ],
);

export const INFOS = object(
  {
    queues: { type: 'array', items: INFO },
    /** What keeps the messages of durable queues; `memory`: none are durable. */
    storage: { type: 'string', enum: ['sqlite', 'memory'] },
    remarks: { type: 'array', items: { type: 'string' } },
  },
  ['queues', 'storage', 'remarks'],
);
