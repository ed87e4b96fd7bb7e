/** The verbs of barriers. */
import { object } from '../schema.ts';
import { clientOf, COUNT, nameOf, WAITERS, WAITING } from './exchange-schemas.ts';
import { settled } from './refusals.ts';
import { verb, type Verb } from './verb.ts';

const NAME = nameOf('barrier');
const MOST_PARTIES = 10_000;
const PARTIES = { type: 'integer', minimum: 1, maximum: MOST_PARTIES } as const;
const BARRIER = object({ name: NAME, parties: PARTIES, waiting: WAITERS }, ['name', 'parties', 'waiting']);

export const BARRIER_VERBS: readonly Verb[] = [
  verb({
    name: 'barrier.wait',
    path: '/v1/barriers/{name}/wait',
    summary:
      'Waits until so many `parties` wait; then all are answered, each with the `index` of its arrival. One that leaves before, as its time is over or its client gone, breaks the barrier for the others.',
    input: object({ name: NAME, parties: PARTIES, ...WAITING }, ['name', 'parties']),
    answer: object({ index: COUNT }, ['index']),
    async handle(api, ask) {
      const { name, parties, wait: waitMs, token } = ask.input;
      const { barriers } = await api.exchange();
      return settled(await barriers.wait(name, parties, { ...clientOf(ask), waitMs, token }));
    },
  }),
  verb({
    name: 'barrier.ls',
    path: '/v1/barriers',
    method: 'GET',
    summary: 'All barriers at which something waits.',
    input: object({}),
    answer: object({ barriers: { type: 'array', items: BARRIER } }, ['barriers']),
    handle: async (api) => ({ barriers: (await api.exchange()).barriers.list() }),
  }),
];
