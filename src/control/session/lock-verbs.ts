/** The verbs of locks. What they grant belongs to the session, so a single request cannot have it. */
import { LONGEST_DURATION_MS } from '../../text/duration.ts';
import { Refused } from '../route.ts';
import { object } from '../schema.ts';
import type { Holder } from '../../runtime/exchange/holder.ts';
import { settled } from './refusals.ts';
import { verb, type Verb } from './verb.ts';

const NAME = {
  type: 'string',
  title: 'lock name',
  pattern: '^[A-Za-z0-9_-]{1,63}$',
  maxLength: 63,
} as const;
const COUNT = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const BOOLEAN = { type: 'boolean' } as const;
const TEXT = { type: 'string' } as const;
const MODE = { type: 'string', enum: ['exclusive', 'shared'] } as const;
const USER = object(
  {
    pid: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    command: { anyOf: [TEXT, { type: 'null' }] },
    mode: MODE,
    since: TEXT,
  },
  ['pid', 'command', 'mode', 'since'],
);
const USERS = { type: 'array', items: USER } as const;
const LOCK = object({ name: NAME, slots: COUNT, abandoned: BOOLEAN, holders: USERS, waiting: USERS }, [
  'name',
  'slots',
  'abandoned',
  'holders',
  'waiting',
]);

const MOST_SLOTS = 10_000;

export const LOCK_VERBS: readonly Verb[] = [
  verb({
    name: 'lock.get',
    summary:
      'Gets a lock, or one of its slots, for this session. Waits its turn, at most `wait` milliseconds if that is given. `abandoned`: the session that had it ended without a release.',
    input: object(
      {
        name: NAME,
        slots: { type: 'integer', minimum: 1, maximum: MOST_SLOTS },
        mode: MODE,
        wait: { type: 'integer', minimum: 0, maximum: LONGEST_DURATION_MS },
        token: COUNT,
      },
      ['name'],
    ),
    answer: object({ grant: COUNT, abandoned: BOOLEAN }, ['grant', 'abandoned']),
    async handle(api, { input: { wait: waitMs, ...order }, holder }) {
      const { locks } = await api.exchange();
      return settled(await locks.request({ ...order, waitMs }, session(holder)));
    },
  }),
  verb({
    name: 'lock.cancel',
    summary: 'Cancels requests of this session with this `token` that still wait.',
    input: object({ token: COUNT }, ['token']),
    answer: object({}),
    async handle(api, { input, holder }) {
      (await api.exchange()).locks.cancel(input.token, session(holder));
      return {};
    },
  }),
  verb({
    name: 'lock.release',
    summary: 'Releases what `lock.get` has granted.',
    input: object({ name: NAME, grant: COUNT }, ['name', 'grant']),
    answer: object({}),
    async handle(api, { input: { name, grant }, holder }) {
      const { locks } = await api.exchange();
      return settled(locks.release(name, grant, session(holder)) ?? {});
    },
  }),
  verb({
    name: 'lock.ls',
    summary: 'All locks that are held, waited for or abandoned, with their holders and those that wait.',
    input: object({}),
    answer: object({ locks: { type: 'array', items: LOCK } }, ['locks']),
    path: '/v1/locks',
    method: 'GET',
    handle: async (api) => ({ locks: (await api.exchange()).locks.list() }),
  }),
];

function session(holder: Holder | undefined): Holder {
  if (holder !== undefined) return holder;
  throw new Refused(400, 'session-needed', 'a lock belongs to a session', 'open one at /v1/session');
}
