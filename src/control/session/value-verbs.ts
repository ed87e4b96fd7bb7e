/** The verbs of values: single JSON values that are read and changed as a whole. */
import { object } from '../schema.ts';
import { BOOLEAN, clientOf, COUNT, nameOf, WAITING } from './exchange-schemas.ts';
import { settled } from './refusals.ts';
import { verb, type Verb } from './verb.ts';

const NAME = nameOf('value');
const ANY = { description: 'Any JSON value.' } as const;
const NUMBER = { type: 'number' } as const;

/** `value` is missing where it does not exist, or was not asked for. */
const WRITTEN = object({ done: BOOLEAN, version: COUNT, value: ANY }, ['done', 'version']);
const LISTED = object({ name: NAME, version: COUNT, size: COUNT, value: ANY, watchers: COUNT }, [
  ...(['name', 'version', 'size', 'watchers'] as const),
]);

export const VALUE_VERBS: readonly Verb[] = [
  verb({
    name: 'value.get',
    path: '/v1/values/{name}/get',
    method: 'GET',
    summary: 'The value, and its version.',
    input: object({ name: NAME }, ['name']),
    answer: object({ value: ANY, version: COUNT }, ['value', 'version']),
    handle: async (api, { input }) => settled((await api.exchange()).values.get(input.name)),
  }),
  verb({
    name: 'value.set',
    path: '/v1/values/{name}/set',
    summary:
      'Sets the value; with `missing` only if it does not exist, and else `done` is false and `value` what is there.',
    input: object({ name: NAME, value: ANY, missing: BOOLEAN }, ['name', 'value']),
    answer: WRITTEN,
    async handle(api, { input: { name, value, missing = false } }) {
      return settled((await api.exchange()).values.set(name, value, missing));
    },
  }),
  verb({
    name: 'value.incr',
    path: '/v1/values/{name}/incr',
    summary:
      'Adds `by` (1) to a number, or to 0 if it does not exist. Refused where the result would not be exact.',
    input: object({ name: NAME, by: NUMBER }, ['name']),
    answer: object({ value: NUMBER, version: COUNT }, ['value', 'version']),
    handle: async (api, { input: { name, by = 1 } }) =>
      settled((await api.exchange()).values.increment(name, by)),
  }),
  verb({
    name: 'value.cas',
    path: '/v1/values/{name}/cas',
    summary:
      'Sets the value if it equals `expected`; else `done` is false and `value` what is there, if it exists.',
    input: object({ name: NAME, expected: ANY, value: ANY }, ['name', 'expected', 'value']),
    answer: WRITTEN,
    async handle(api, { input: { name, expected, value } }) {
      return settled((await api.exchange()).values.compareAndSet(name, expected, value));
    },
  }),
  verb({
    name: 'value.rm',
    path: '/v1/values/{name}/rm',
    summary: 'Removes the value.',
    input: object({ name: NAME }, ['name']),
    answer: object({}),
    handle: async (api, { input }) => settled((await api.exchange()).values.remove(input.name) ?? {}),
  }),
  verb({
    name: 'value.watch',
    path: '/v1/values/{name}/watch',
    method: 'GET',
    summary:
      'Waits for a version other than `after` (0: it does not exist), or until the value equals `until`. Without `after` answers at once. `skipped`: how many changes lie between.',
    input: object({ name: NAME, after: COUNT, until: ANY, ...WAITING }, ['name']),
    answer: object({ version: COUNT, value: ANY, skipped: COUNT }, ['version', 'skipped']),
    async handle(api, ask) {
      const { name, wait: waitMs, token, ...from } = ask.input;
      const { values } = await api.exchange();
      return settled(await values.watch(name, from, { ...clientOf(ask), waitMs, token }));
    },
  }),
  verb({
    name: 'value.ls',
    path: '/v1/values',
    method: 'GET',
    summary: 'All values: the length of their JSON, and they themselves where that is at most 1024.',
    input: object({}),
    answer: object({ values: { type: 'array', items: LISTED } }, ['values']),
    handle: async (api) => ({ values: (await api.exchange()).values.list() }),
  }),
];
