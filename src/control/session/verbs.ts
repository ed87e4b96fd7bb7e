/** All verbs of the exchange, in the order of docs/protocol.md. */
import { object } from '../schema.ts';
import { LOCK_VERBS } from './lock-verbs.ts';
import { QUEUE_VERBS } from './queue-verbs.ts';
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
  ...LOCK_VERBS,
  ...QUEUE_VERBS,
];
