// Who hands over messages, and by which client: procsup, Python's multiprocessing, beanstalkd, and BullMQ on a Redis.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environment } from '../environment.js';
import { locate } from '../find-tools.js';
import { RunFailed } from '../run-tool.js';
import { OURS } from '../tools.js';
import { beanstalkd, redis, withServer } from './servers.js';

export const PYTHON = 'multiprocessing';
export const BEANSTALKD = 'beanstalkd';
export const BULLMQ = 'BullMQ';

const MESSAGES = 400_000;
const DURABLE_MESSAGES = 100_000;
const PYTHON_MESSAGES = 100_000;
const BULLMQ_MESSAGES = 20_000;
/** beanstalkd waits for the disk with each message. */
const SYNCED_ONE_BY_ONE = 5_000;
const ROUND_TRIPS = 3000;
const LIMIT_MS = 600_000;

/**
 * `rate`: messages a second from one process to another. `trip`: medians in ms, as JSON, until a single put is answered, until
 * its message is with a reader, and until that is acknowledged.
 * @typedef {import('../find-tools.js').Tool & {
 *   keeps: import('./servers.js').Keeping[],
 *   rate: (keeping: import('./servers.js').Keeping) => Promise<string>,
 *   trip: () => Promise<string>,
 * }} Side
 */

export const place = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * @param {import('../bench.js').Bench} bench
 * @param {string} socket  of the supervisor
 * @param {boolean} hasStore  whether its queues can be durable
 * @returns {{ sides: Side[], notes: import('../figures.js').Note[] }} those that are here, and who is not
 */
export function findSides(bench, socket, hasStore) {
  const size = bench.quick ? 0.05 : 1;
  const counted = (count) => `${Math.ceil(count * size)}`;
  const node = (name, ...words) => textOf([process.execPath, place(name), ...words]);
  const [python, beanstalkdHere, redisHere] = ['python3', 'beanstalkd', 'redis-server'].map(locate);
  const why = {
    [PYTHON]: python ? '' : 'there is no python3 on PATH',
    [BEANSTALKD]: python && beanstalkdHere ? '' : 'needs beanstalkd and python3 on PATH',
    [BULLMQ]: redisHere && canLoad('bullmq') ? '' : 'needs redis-server on PATH and the package bullmq',
  };
  const toBeanstalkd = (keeping, what, count) =>
    withServer(bench, beanstalkd(beanstalkdHere, keeping), (port) =>
      textOf([python, place('beanstalkd.py'), `${port}`, what, counted(count)]),
    );
  const toBullmq = (keeping, what, count) =>
    withServer(bench, redis(redisHere, keeping), (port) =>
      node('bullmq.mjs', `${port}`, what, counted(count)),
    );
  const all = [
    {
      name: OURS,
      keeps: ['memory', ...(hasStore ? ['kept', 'synced'] : [])],
      rate: (keeping) =>
        keeping === 'memory'
          ? node('rate.mjs', socket, 'memory', counted(MESSAGES))
          : node('rate.mjs', socket, 'durable', counted(DURABLE_MESSAGES)),
      trip: () => node('latency.mjs', socket, 'queue', counted(ROUND_TRIPS)),
    },
    {
      name: PYTHON,
      keeps: ['memory'],
      rate: () => textOf([python, place('python.py'), 'Queue', counted(PYTHON_MESSAGES)]),
      trip: () => textOf([python, place('python.py'), 'Manager', counted(ROUND_TRIPS)]),
    },
    {
      name: BEANSTALKD,
      keeps: ['memory', 'kept', 'synced'],
      rate: (keeping) =>
        toBeanstalkd(
          keeping,
          'rate',
          { memory: MESSAGES, kept: DURABLE_MESSAGES, synced: SYNCED_ONE_BY_ONE }[keeping],
        ),
      trip: () => toBeanstalkd('memory', 'trip', ROUND_TRIPS),
    },
    {
      name: BULLMQ,
      keeps: ['memory', 'kept', 'synced'],
      rate: (keeping) => toBullmq(keeping, 'rate', BULLMQ_MESSAGES),
      trip: () => toBullmq('memory', 'trip', ROUND_TRIPS),
    },
  ];
  const absent = Object.entries(why).filter(([, detail]) => detail);
  return {
    sides: /** @type {any} */ (all.filter(({ name }) => !why[name])),
    notes: [
      ...absent.map(([tool, detail]) => ({ tool, where: 'queues', what: 'not measured', detail })),
      ...(hasStore
        ? []
        : [{ tool: OURS, where: 'durable queue', what: 'not measured', detail: 'its Node has no SQLite' }]),
    ],
  };
}

function canLoad(name) {
  try {
    return createRequire(import.meta.url).resolve(name) !== '';
  } catch {
    return false;
  }
}

/** @param {string[]} command */
export async function textOf([program = '', ...args]) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env: environment(), timeout: LIMIT_MS });
    return stdout;
  } catch (error) {
    throw new RunFailed(/** @type {Error} */ (error).message);
  }
}
