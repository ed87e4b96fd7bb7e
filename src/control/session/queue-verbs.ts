/** Queues: docs/protocol.md describes the life of a message. */
import { ENGINE_REMEDY, parseEngine, type Engine } from '../../core/exchange/queue/engine.ts';
import type { MessageBody, NewMessage } from '../../core/exchange/queue/events.ts';
import type { QueueBackend } from '../../ports/queue-backend.ts';
import { remarksOf } from '../../runtime/exchange/held.ts';
import type { Queues } from '../../runtime/exchange/queues/queues.ts';
import type { Tell } from '../../runtime/exchange/tellers.ts';
import type { Api } from '../api.ts';
import { LONGEST_REQUEST_BYTES } from '../request-size.ts';
import { Refused } from '../route.ts';
import { object } from '../schema.ts';
import { sentMessage } from './message.ts';
import { createPutBudget } from './put-budget.ts';
import { queueRefusal } from './queue-refusals.ts';
import { verb, type Verb } from './verb.ts';
import {
  ATTEMPTS,
  COUNT,
  FLAG,
  ID,
  IDS,
  INFOS,
  LEASES,
  LISTED,
  LOST,
  MAX_MESSAGE,
  MESSAGE,
  MILLISECONDS,
  MOST,
  NAME,
  ON,
  TEXT,
} from './queue-schemas.ts';

const withRoom = createPutBudget();

/** Of a single request, which has no session that its lease could end with. */
const DEFAULT_LEASE_MS = 60_000;

export const QUEUE_VERBS: readonly Verb[] = [
  verb({
    name: 'queue.put',
    path: '/v1/queues/{name}/put',
    bodyBytes: LONGEST_REQUEST_BYTES,
    summary:
      'Puts messages, all or none; answers when they are stored. `delay` and `wait` (for room in a queue with `maxsize`; 0: fail at once) in milliseconds. `key` is unique among messages that are not finished; `taken` says what happens to one that is there.',
    input: object(
      {
        ...{ name: NAME, on: ON, messages: { type: 'array', items: MESSAGE, maxItems: 1000 } as const },
        ...{ delay: MILLISECONDS, wait: MILLISECONDS, attempts: ATTEMPTS },
        priority: { type: 'integer', minimum: -1000, maximum: 1000 },
        key: { type: 'string', maxLength: 200 },
        taken: { type: 'string', enum: ['keep', 'replace'] },
      },
      ['name', 'messages'],
    ),
    answer: object({ ids: IDS, new: COUNT }, ['ids', 'new']),
    async handle(api, { input, holder, gone }) {
      const { messages, delay, priority, key, taken, attempts } = input;
      if (key !== undefined && messages.length !== 1)
        throw new Refused(400, 'bad-request', 'a key is for one message');
      const items = messages.map((message): NewMessage => {
        const body = bodyIn(message);
        return {
          body,
          bytes: Buffer.byteLength(body),
          delayMs: delay,
          priority,
          key,
          onTaken: taken,
          attempts,
        };
      });
      const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
      const results = await withRoom(bytes, () =>
        asked(api, (queues) =>
          queues.open(input.name, engineOf(input.on)).put(items, input.wait ?? Infinity, { holder, gone }),
        ),
      );
      return { ids: results.map(({ id }) => id), new: results.filter(({ isNew }) => isNew).length };
    },
  }),
  verb({
    name: 'queue.get',
    path: '/v1/queues/{name}/get',
    summary:
      'Gives at most `most` messages, each to one reader, as soon as there is one; none after `wait` milliseconds (default 0). They are leased for `lease` milliseconds, in a session at most, and without it exactly, until its end.',
    input: object({ name: NAME, on: ON, most: MOST, wait: MILLISECONDS, lease: MILLISECONDS }, ['name']),
    answer: object(
      {
        messages: {
          type: 'array',
          items: object({ id: ID, lease: ID, attempt: COUNT, message: MESSAGE }, [
            'id',
            'lease',
            'attempt',
            'message',
          ]),
        },
      },
      ['messages'],
    ),
    async handle(api, { input, holder, gone }) {
      const leaseMs = input.lease ?? (holder === undefined ? DEFAULT_LEASE_MS : Infinity);
      const given = await asked(api, (queues) =>
        queues
          .open(input.name, engineOf(input.on))
          .get(input.most ?? 1, input.wait ?? 0, leaseMs, { holder, gone }),
      );
      return {
        messages: given.map(({ id, lease, attempt, body }) => ({
          ...{ id, lease, attempt, message: sentMessage(body) },
        })),
      };
    },
  }),
  verb({
    name: 'queue.ack',
    path: '/v1/queues/{name}/ack',
    summary:
      'Says that the work is done; answers when the messages are removed. `lost`: leases that were over and whose messages were given to another reader, or finished.',
    input: object({ name: NAME, on: ON, leases: LEASES }, ['name', 'leases']),
    answer: LOST,
    handle: async (api, { input }) => ({
      lost: await asked(
        api,
        (queues) => queues.find(input.name, engineOf(input.on))?.ack(input.leases) ?? input.leases,
      ),
    }),
  }),
  verb({
    name: 'queue.nack',
    path: '/v1/queues/{name}/nack',
    summary:
      'Gives messages back: after a back-off or `delay` milliseconds, or to the dead letters if no attempt is left. `again`: this was no failure, and counts for none.',
    input: object({ name: NAME, on: ON, leases: LEASES, delay: MILLISECONDS, again: FLAG, reason: TEXT }, [
      'name',
      'leases',
    ]),
    answer: LOST,
    handle: async (
      api,
      { input: { name, on, leases, delay, again = false, reason = 'the reader gave it back' } },
    ) => ({
      lost: await asked(
        api,
        (queues) =>
          queues.find(name, engineOf(on))?.nack(leases, { failure: reason, again, waitMs: delay }) ?? leases,
      ),
    }),
  }),
  verb({
    name: 'queue.extend',
    path: '/v1/queues/{name}/extend',
    summary: 'Sets the end of leases to `lease` milliseconds from now.',
    input: object({ name: NAME, on: ON, leases: LEASES, lease: MILLISECONDS }, ['name', 'leases', 'lease']),
    answer: LOST,
    handle: async (api, { input }) => ({
      lost: await asked(
        api,
        (queues) =>
          queues.find(input.name, engineOf(input.on))?.extend(input.leases, input.lease) ?? input.leases,
      ),
    }),
  }),
  verb({
    name: 'queue.ls',
    path: '/v1/queues',
    method: 'GET',
    summary: 'The queues, and what keeps their messages.',
    input: object({}),
    answer: INFOS,
    handle: (api) =>
      asked(api, async (queues) => {
        const infos = await queues.list();
        return {
          queues: infos.map(({ backoffMs, maxMessageBytes, isPaused, isDurable, ...one }) => ({
            ...one,
            ...{ backoff: backoffMs, max_message: maxMessageBytes, paused: isPaused, durable: isDurable },
          })),
          storage: queues.storage.kind,
          remarks: [
            ...remarksOf(queues),
            ...infos.flatMap(({ name, remarks }) => remarks.map((remark) => `queue '${name}': ${remark}`)),
          ],
        };
      }),
  }),
  ...(['peek', 'dead'] as const).map((what) =>
    verb({
      name: `queue.${what}`,
      path: `/v1/queues/{name}/${what}`,
      method: 'GET',
      summary:
        what === 'peek'
          ? 'The next messages, in the order in which they will be given out, without giving them out.'
          : 'The dead letters, with the reasons of their failures.',
      input: object({ name: NAME, on: ON, most: MOST }, ['name']),
      answer: LISTED,
      handle: (api, { input: { name, on, most = 10 } }) =>
        asked(api, async (queues) => {
          const found = await known(queues, name, on).peek(most, what === 'dead' ? 'dead' : 'waiting');
          return {
            messages: found.map(({ place, body, ...one }) => ({
              ...one,
              state: place,
              message: sentMessage(body),
            })),
          };
        }),
    }),
  ),
  verb({
    name: 'queue.retry',
    path: '/v1/queues/{name}/retry',
    summary: 'Gives dead letters, or all of them, all their attempts again.',
    input: object({ name: NAME, on: ON, ids: IDS }, ['name']),
    answer: object({ count: COUNT, lost: IDS }, ['count', 'lost']),
    handle: (api, { input }) => asked(api, (queues) => known(queues, input.name, input.on).retry(input.ids)),
  }),
  verb({
    name: 'queue.rm',
    path: '/v1/queues/{name}/rm',
    summary: 'Removes messages that no reader has, or without `ids` the queue with all its messages.',
    input: object({ name: NAME, on: ON, ids: IDS }, ['name']),
    answer: object({ lost: IDS }, ['lost']),
    handle: (api, { input: { name, on, ids }, cause }) =>
      asked(api, async (queues, tell) => {
        if (ids !== undefined) return { lost: await known(queues, name, on).remove(ids) };
        if (queues.engineOf(name, engineOf(on)) !== undefined) await known(queues, name, on).drop();
        else if (!(await queues.drop(name))) return unknown(name);
        tell({ type: 'queue-removed', queue: name, cause });
        return { lost: [] };
      }),
  }),
  verb({
    name: 'queue.drain',
    path: '/v1/queues/{name}/drain',
    summary: 'Removes all messages that no reader has, without the dead letters.',
    input: object({ name: NAME, on: ON }, ['name']),
    answer: object({ count: COUNT }, ['count']),
    handle: (api, { input: { name, on }, cause }) =>
      asked(api, async (queues, tell) => {
        const count = await known(queues, name, on).drain();
        if (count > 0) tell({ type: 'queue-drained', queue: name, count, cause });
        return { count };
      }),
  }),
  ...(['pause', 'resume'] as const).map((what) =>
    verb({
      name: `queue.${what}`,
      path: `/v1/queues/{name}/${what}`,
      summary:
        what === 'pause'
          ? 'Gives out no more messages; those that are given out may be finished.'
          : 'Gives out messages again.',
      input: object({ name: NAME, on: ON }, ['name']),
      answer: object({}),
      handle: (api, { input: { name, on }, cause }) =>
        asked(api, async (queues, tell) => {
          const queue = queues.open(name, engineOf(on));
          const isPaused = what === 'pause';
          const before = await queue.info();
          await queue.change({ isPaused });
          if (isPaused !== before.isPaused)
            tell({ type: isPaused ? 'queue-paused' : 'queue-resumed', queue: name, cause });
          return {};
        }),
    }),
  ),
  verb({
    name: 'queue.set',
    path: '/v1/queues/{name}/set',
    summary:
      'Sets the rules of a queue: `maxsize` (0: none), `attempts`, `backoff` in milliseconds, `max_message` in bytes, `durable` (only while it is empty).',
    input: object(
      {
        ...{ name: NAME, on: ON, maxsize: COUNT, attempts: ATTEMPTS, backoff: MILLISECONDS },
        ...{ max_message: MAX_MESSAGE, durable: FLAG },
      },
      ['name'],
    ),
    answer: object({}),
    handle: (
      api,
      { input: { name, on, maxsize, attempts, backoff, max_message: maxMessageBytes, durable } },
    ) =>
      asked(api, async (queues) => {
        const changed = {
          ...(maxsize !== undefined && { maxsize: maxsize === 0 ? null : maxsize }),
          ...(attempts !== undefined && { attempts }),
          ...(backoff !== undefined && { backoffMs: backoff }),
          ...(maxMessageBytes !== undefined && { maxMessageBytes }),
        };
        if (queues.engineOf(name, engineOf(on)) !== undefined) {
          if (maxsize !== undefined || durable !== undefined)
            throw new Refused(
              409,
              'unsupported',
              `queue '${name}' is kept by an engine, which has no 'maxsize' and no 'durable'`,
            );
          await known(queues, name, on).change(changed);
          return {};
        }
        if (durable === true && queues.storage.kind === 'memory')
          throw new Refused(409, 'no-store', queues.storage.remarks[0] ?? 'nothing keeps messages on disk');
        if ((await queues.set(name, changed, durable)) === 'not empty')
          throw new Refused(
            409,
            'not-empty',
            `queue '${name}' is not empty`,
            `empty it with 'procsup queue drain ${name}'`,
          );
        return {};
      }),
  }),
];

async function asked<T>(api: Api, ask: (queues: Queues, tell: Tell) => T | Promise<T>): Promise<T> {
  const { queues, tell } = await api.exchange();
  try {
    return await ask(queues, tell);
  } catch (thrown) {
    throw queueRefusal(thrown, queues.problem);
  }
}

const known = (queues: Queues, name: string, on: string | undefined): QueueBackend =>
  queues.find(name, engineOf(on)) ?? unknown(name);

function engineOf(on: string | undefined): Engine | undefined {
  const engine = on === undefined ? undefined : parseEngine(on);
  if (on !== undefined && engine === undefined)
    throw new Refused(400, 'bad-request', "invalid value for 'on'", ENGINE_REMEDY);
  return engine;
}

function unknown(name: string): never {
  throw new Refused(404, 'unknown-queue', `unknown queue '${name}'`, "list them with 'procsup queue ls'");
}

function bodyIn(message: string | { readonly base64: string }): MessageBody {
  if (typeof message !== 'string') return new Uint8Array(Buffer.from(message.base64, 'base64'));
  if (!(message as string & { isWellFormed(): boolean }).isWellFormed())
    throw new Refused(
      400,
      'bad-request',
      'a message has half of a surrogate pair',
      'send its bytes as base64',
    );
  return message;
}
