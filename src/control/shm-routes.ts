/** Shared memory: files that programs map, which the supervisor makes and removes. */
import type { SharedMemoryCode, SharedMemoryProblem, SharedMemoryRecord } from '../core/shared-memory.ts';
import * as replies from './reply-schemas.ts';
import { Refused, route, type Reply, type Route } from './route.ts';
import { object } from './schema.ts';

const NAME = {
  type: 'string',
  title: 'name of shared memory',
  pattern: '^[A-Za-z0-9_-]{1,63}$',
  maxLength: 63,
} as const;
const LONGEST_PATH = 4096;

export const SHM_ROUTES: readonly Route[] = [
  route({
    verb: 'GET',
    path: '/v1/shm',
    summary:
      'All shared memory: the file that programs map, its size, and the variable by which processes that are started later find its path.',
    input: object({}),
    reply: replies.SHM_LIST,
    handle: (api) => ({ status: 200, body: { sharedMemory: api.sharedMemory.list() } }),
  }),
  route({
    verb: 'POST',
    path: '/v1/shm/create',
    operation: 'shmcreate',
    summary:
      'Makes shared memory of `bytes` zeros; with `from` it begins with the contents of that file, and without `bytes` it is as large. All of it is allocated.',
    input: object(
      {
        name: NAME,
        bytes: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
        from: { type: 'string', title: 'path', pattern: '^/', maxLength: LONGEST_PATH },
      },
      ['name'],
    ),
    reply: replies.SHM,
    handle: async (api, { input, cause }) =>
      settled(await api.sharedMemory.create(input.name, { bytes: input.bytes, from: input.from }, cause)),
  }),
  route({
    verb: 'POST',
    path: '/v1/shm/rm',
    operation: 'shmrm',
    summary: 'Removes shared memory. Programs that have mapped it keep their pages.',
    input: object({ name: NAME }, ['name']),
    reply: replies.SHM,
    handle: (api, { input, cause }) => settled(api.sharedMemory.remove(input.name, cause)),
  }),
];

const STATUS: Readonly<Record<SharedMemoryCode, number>> = {
  exists: 409,
  missing: 404,
  'no-room': 507,
  'invalid-size': 400,
  'invalid-file': 400,
  closing: 503,
  system: 500,
};

function settled(outcome: SharedMemoryRecord | SharedMemoryProblem): Reply {
  if (!('code' in outcome)) return { status: 200, body: outcome };
  throw new Refused(STATUS[outcome.code], `shm-${outcome.code}`, outcome.message, outcome.remedy);
}
