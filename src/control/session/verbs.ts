/** All verbs of the exchange, in the order of docs/protocol.md. */
import { object } from '../schema.ts';
import { BARRIER_VERBS } from './barrier-verbs.ts';
import { CHANNEL_VERBS } from './channel-verbs.ts';
import { FLAG_VERBS } from './flag-verbs.ts';
import { LOCK_VERBS } from './lock-verbs.ts';
import { PROCESS_VERBS } from './process-verbs.ts';
import { QUEUE_VERBS } from './queue-verbs.ts';
import { VALUE_VERBS } from './value-verbs.ts';
import { verb, type Verb } from './verb.ts';

const NUMBER = { type: 'integer', minimum: 0 } as const;
const TEXT = { type: 'string' } as const;

export const VERBS: readonly Verb[] = [
  verb({
    name: 'session.about',
    summary: 'The supervisor at the other end: its version, pid and project.',
    input: object({}),
    answer: object({ version: TEXT, pid: NUMBER, root: TEXT }, ['version', 'pid', 'root']),
    handle(api) {
      const { version, pid, root } = api.about();
      return { version, pid, root };
    },
  }),
  verb({
    name: 'session.cancel',
    summary:
      'Cancels requests of this session with this `token` that still wait: for values, flags, barriers and channels.',
    input: object({ token: NUMBER }, ['token']),
    answer: object({}),
    async handle(api, { input: { token }, holder }) {
      const exchange = await api.exchange();
      if (holder !== undefined) exchange.cancel(token, holder);
      return {};
    },
  }),
  ...LOCK_VERBS,
  ...QUEUE_VERBS,
  ...VALUE_VERBS,
  ...FLAG_VERBS,
  ...BARRIER_VERBS,
  ...CHANNEL_VERBS,
  ...PROCESS_VERBS,
];
