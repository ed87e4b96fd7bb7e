/** The verbs of flags: set or clear, and what waits for them. */
import { object } from '../schema.ts';
import { BOOLEAN, clientOf, nameOf, WAITERS, WAITING } from './exchange-schemas.ts';
import { settled } from './refusals.ts';
import { verb, type Verb } from './verb.ts';

const NAME = nameOf('flag');
const FLAG = object({ name: NAME, set: BOOLEAN, waiting: WAITERS }, ['name', 'set', 'waiting']);

export const FLAG_VERBS: readonly Verb[] = [
  verb({
    name: 'flag.set',
    path: '/v1/flags/{name}/set',
    summary: 'Sets the flag, and lets all go that wait for it.',
    input: object({ name: NAME }, ['name']),
    answer: object({}),
    handle: async (api, { input }) => settled((await api.exchange()).flags.set(input.name) ?? {}),
  }),
  verb({
    name: 'flag.clear',
    path: '/v1/flags/{name}/clear',
    summary: 'Clears the flag.',
    input: object({ name: NAME }, ['name']),
    answer: object({}),
    async handle(api, { input }) {
      (await api.exchange()).flags.clear(input.name);
      return {};
    },
  }),
  verb({
    name: 'flag.get',
    path: '/v1/flags/{name}/get',
    method: 'GET',
    summary: 'Whether the flag is set.',
    input: object({ name: NAME }, ['name']),
    answer: object({ set: BOOLEAN }, ['set']),
    handle: async (api, { input }) => ({ set: (await api.exchange()).flags.isSet(input.name) }),
  }),
  verb({
    name: 'flag.wait',
    path: '/v1/flags/{name}/wait',
    method: 'GET',
    summary: 'Waits until the flag is set, at most `wait` milliseconds if that is given.',
    input: object({ name: NAME, ...WAITING }, ['name']),
    answer: object({}),
    async handle(api, ask) {
      const { name, wait: waitMs, token } = ask.input;
      const { flags } = await api.exchange();
      return settled((await flags.wait(name, { ...clientOf(ask), waitMs, token })) ?? {});
    },
  }),
  verb({
    name: 'flag.ls',
    path: '/v1/flags',
    method: 'GET',
    summary: 'All flags that are set or waited for.',
    input: object({}),
    answer: object({ flags: { type: 'array', items: FLAG } }, ['flags']),
    handle: async (api) => ({ flags: (await api.exchange()).flags.list() }),
  }),
];
