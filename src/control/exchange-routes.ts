/** What the exchange holds, at a glance: queues, locks, shared memory. */
import { HELD_KINDS, pageOf, type HeldKind } from '../core/exchange/held.ts';
import { route, type Route } from './route.ts';
import { object, type Schema } from './schema.ts';

const TEXT = { type: 'string' } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const FLAG = { type: 'boolean' } as const;
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

/** Of these properties, all of which it has. */
function facts(kind: HeldKind, properties: Readonly<Record<string, Schema>>): Schema {
  return object({ kind: { type: 'string', enum: [kind] }, name: TEXT, ...properties }, [
    'kind',
    'name',
    ...Object.keys(properties),
  ]);
}

const SCHEMAS: Readonly<Record<HeldKind, Schema>> = {
  queue: facts('queue', {
    ...{ ready: COUNT, delayed: COUNT, leased: COUNT, dead: COUNT, readers: COUNT, writers: COUNT },
    ...{ maxsize: orNull(COUNT), paused: FLAG, store: TEXT },
  }),
  lock: facts('lock', {
    ...{ slots: COUNT, held: COUNT, waiting: COUNT, abandoned: FLAG },
    holders: {
      type: 'array',
      items: object({ pid: orNull({ type: 'integer' }), command: orNull(TEXT) }, ['pid', 'command']),
    },
  }),
  memory: facts('memory', { bytes: COUNT, path: TEXT, since: TEXT }),
  value: facts('value', { version: COUNT, size: COUNT, watchers: COUNT }),
  flag: facts('flag', { set: FLAG, waiting: COUNT }),
  barrier: facts('barrier', { parties: COUNT, waiting: COUNT }),
  channel: facts('channel', { senders: COUNT, receivers: COUNT, broadcast: FLAG, waiting: COUNT }),
};

const MOST = 1000;

export const EXCHANGE_ROUTES: readonly Route[] = [
  route({
    verb: 'GET',
    path: '/v1/exchange',
    summary:
      'What processes exchange: queues, locks, shared memory, values, flags, barriers and channels, by kind and name, at most `most` (default and limit 1000). `next` is null, or what `after` must be for the next page.',
    input: object({
      kinds: { type: 'array', items: { type: 'string', enum: HELD_KINDS }, maxItems: 20 },
      after: { type: 'string', maxLength: 200 },
      most: { type: 'integer', minimum: 1, maximum: MOST },
    }),
    reply: object(
      {
        held: { type: 'array', items: { anyOf: HELD_KINDS.map((kind) => SCHEMAS[kind]) } },
        next: orNull(TEXT),
        remarks: { type: 'array', items: TEXT },
      },
      ['held', 'next', 'remarks'],
    ),
    async handle(api, { input: { kinds, after, most = MOST } }) {
      const { held, remarks } = await api.held();
      return { status: 200, body: { ...pageOf(held, { kinds, after, most }), remarks } };
    },
  }),
];
