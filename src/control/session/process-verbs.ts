/** The verbs by which a session keeps processes up for as long as it needs them. */
import { Refused } from '../route.ts';
import { object } from '../schema.ts';
import { settled } from './refusals.ts';
import { verb, type Verb } from './verb.ts';

const NAME = { type: 'string', title: 'process name', maxLength: 63 } as const;
const UNTIL = { type: 'string', enum: ['started', 'ready', 'succeeded'] } as const;
const NAMES = { type: 'array', items: { type: 'string' } } as const;

const noSession = (): Refused => new Refused(400, 'session-needed', 'a process is held by a session');

export const PROCESS_VERBS: readonly Verb[] = [
  verb({
    name: 'process.hold',
    summary:
      'Starts a process where it is not up, with what it needs, and answers when it is started, `ready` (the default), or has succeeded. What was started for it is stopped when the last session that holds it has released it or has ended.',
    input: object({ name: NAME, until: UNTIL }, ['name']),
    answer: object({ instances: NAMES }, ['instances']),
    async handle(api, { input: { name, until = 'ready' }, holder, gone, cause }) {
      if (holder === undefined) throw noSession();
      return settled(await (await api.holds()).hold(name, until, { holder, gone, cause }));
    },
  }),
  verb({
    name: 'process.release',
    summary:
      'Gives up a process that the session holds; answers when what nobody needs any more has stopped.',
    input: object({ name: NAME }, ['name']),
    answer: object({}),
    async handle(api, { input: { name }, holder }) {
      if (holder === undefined) throw noSession();
      await (await api.holds()).release(name, holder);
      return {};
    },
  }),
];
