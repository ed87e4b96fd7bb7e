/** Pools: how they are, and tasks for their workers. */
import { runTasks } from './pool-tasks.ts';
import * as replies from './reply-schemas.ts';
import { Refused, route, type Route } from './route.ts';
import { object, type Schema } from './schema.ts';

const POOL_NAME = {
  type: 'string',
  title: 'pool name',
  pattern: '^[A-Za-z0-9_-]{1,63}$',
  maxLength: 63,
} as const;

const ID: Schema = { anyOf: [{ type: 'string' }, { type: 'number' }] };

/** The value of a task, alone or with an id that comes back with its result; or a task that is to be aborted. */
const TASK: Schema = {
  anyOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'object', properties: { id: ID }, additionalProperties: true },
  ],
};

export const POOL_ROUTES: readonly Route[] = [
  route({
    verb: 'GET',
    path: '/v1/pools',
    summary:
      'The pools of procsup.yaml: their workers, and how many tasks are busy, waiting, done and failed.',
    input: object({}),
    reply: replies.POOLS,
    handle: async (api) => ({ status: 200, body: { pools: await api.pools() } }),
  }),
  route({
    verb: 'POST',
    path: '/v1/pools/{name}/run',
    summary:
      'Has tasks carried out by the workers of a pool. The body is a stream of lines of JSON: a value, or `{"id", "value"}`, or `{"id", "base64"}`; `{"abort": id}` aborts. A line for each result comes as soon as it is there, with the id or the number of the value, and a last one with the counts. Of a client that is gone, tasks that have not begun are dropped.',
    input: object({ name: POOL_NAME }, ['name']),
    takesLines: TASK,
    reply: replies.TASK_LINE,
    streams: true,
    handle: async (api, { input, incoming, gone }) => {
      const pool = await api.openPool(input.name);
      if (pool !== undefined) return { stream: (lines) => runTasks(pool, incoming, lines, gone) };
      const names = (await api.pools()).map(({ name }) => name);
      const remedy =
        names.length === 0 ? "add one below 'pools' in procsup.yaml" : `known pools: ${names.join(', ')}`;
      throw new Refused(404, 'unknown-pool', `unknown pool '${input.name}'`, remedy);
    },
  }),
];
