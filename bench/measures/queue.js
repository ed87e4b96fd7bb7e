// Queues and locks of a supervisor beside Python's multiprocessing and flock(1). Queues are asked by the library, from other
// processes than the supervisor.
import { execFile, spawn } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inTurn, quantile } from '../bench.js';
import { withDaemon } from '../daemon.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { locate } from '../find-tools.js';
import { RunFailed } from '../run-tool.js';
import { OURS } from '../tools.js';

const SECTION = 'Queues and locks';
const PYTHON = 'multiprocessing';
const FLOCK = 'flock';
const MESSAGES = 400_000;
const DURABLE_MESSAGES = 100_000;
const PYTHON_MESSAGES = 100_000;
const ROUND_TRIPS = 3000;
const TURNS = 1500;
const FLOCK_TURNS = 200;
const WAITING = 1_000_000;
const LOOKS = 20;
const LIMIT_MS = 600_000;

const place = (/** @type {string} */ name) => fileURLToPath(new URL(`../queue/${name}`, import.meta.url));

/** @param {import('../bench.js').Bench} bench */
export async function queue(bench) {
  return withDaemon(
    bench,
    () => ({ web: 'exec sleep 100000' }),
    (daemon) => measured(bench, daemon),
  );
}

/** @param {import('../bench.js').Bench} bench @param {import('../daemon.js').Daemon} daemon */
async function measured(bench, daemon) {
  const size = bench.quick ? 0.05 : 1;
  const node = (name, ...words) => textOf([process.execPath, place(name), daemon.socket, ...words]);
  const [python, flock] = [locate('python3'), locate('flock')];
  const beside = (name, found) => [bench.tools[0], ...(found ? [{ ...bench.tools[0], name }] : [])];
  const turn = (title, tools, once, rounds = bench.rounds) =>
    inTurn(bench, { title, tools, rounds }, async (tool) => ({ values: await once(tool.name), flaws: [] }));
  await daemon.cli('queue', 'set', 'memory', '--durable', 'no', '--maxsize', '10000');
  await daemon.cli('queue', 'set', 'round', '--durable', 'no');
  await daemon.cli('queue', 'set', 'many', '--durable', 'no');
  const { storage } = JSON.parse(await get(daemon.socket, '/v1/queues'));

  const outcomes = {
    rate: await turn('queue in memory', beside(PYTHON, python), async (name) => ({
      rate: Number(
        name === PYTHON
          ? await textOf([python, place('python.py'), 'Queue', `${PYTHON_MESSAGES * size}`])
          : await node('rate.mjs', 'memory', `${MESSAGES * size}`),
      ),
    })),
    durable: await turn('durable queue', storage === 'sqlite' ? beside() : [], async () => ({
      rate: Number(await node('rate.mjs', 'durable', `${DURABLE_MESSAGES * size}`)),
    })),
    round: await turn('a put', beside(PYTHON, python), async (name) => ({
      ms: Number(
        name === PYTHON
          ? await textOf([python, place('python.py'), 'Manager', `${ROUND_TRIPS * size}`])
          : await node('latency.mjs', 'queue', `${ROUND_TRIPS * size}`),
      ),
    })),
    lock: await turn('a lock that changes hands', beside(FLOCK, flock), async (name) => ({
      ms:
        name === FLOCK
          ? await flockTurns(flock, join(bench.workshop.dir, 'turns'), FLOCK_TURNS * size)
          : Number(await node('latency.mjs', 'lock', `${TURNS * size}`)),
    })),
    ps: await turn('ps beside messages', beside(), () => besideMessages(daemon, node, size), 1),
    waiting: await turn(
      'many messages',
      beside(),
      async () => {
        const { empty, full, few, many } = JSON.parse(
          await node(
            'waiting.mjs',
            storage === 'sqlite' ? 'kept' : 'many',
            `${daemon.pid}`,
            `${WAITING * size}`,
          ),
        );
        return { more: full - empty, few, many };
      },
      1,
    ),
  };
  const row = (label, better, against, from, key) =>
    figure({ section: SECTION, label, better, against }, outcomes[from], key);
  const waiting = `${(WAITING * size).toLocaleString('en')} waiting`;
  const notes = Object.entries(outcomes).flatMap(([label, one]) => notesOn(label, one));
  if (storage !== 'sqlite')
    notes.push({
      tool: OURS,
      where: 'durable queue',
      what: 'not measured',
      detail: 'this Node has no SQLite',
    });
  return {
    figures: [
      row('messages in memory by batches of 64, 1/s', 'more', PYTHON, 'rate', 'rate'),
      row('the same, durable, 1/s', 'more', undefined, 'durable', 'rate'),
      row('a put, median, ms', 'less', PYTHON, 'round', 'ms'),
      row('a lock changes hands, ms', 'less', FLOCK, 'lock', 'ms'),
      row('`ps` beside messages at full speed, median, ms', 'less', undefined, 'ps', 'middle'),
      row('the same, longest, ms', 'less', undefined, 'ps', 'longest'),
      row('RSS for ' + waiting + ', MB', 'none', undefined, 'waiting', 'more'),
      row('single puts with few waiting, 1/s', 'more', undefined, 'waiting', 'few'),
      row('single puts with ' + waiting + ', 1/s', 'more', undefined, 'waiting', 'many'),
    ].filter(({ cells }) => cells.size > 0),
    notes,
  };
}

/** The request of `ps`, while messages are handed over as fast as they can be. */
async function besideMessages(daemon, node, size) {
  const handing = node('rate.mjs', 'memory', `${MESSAGES * size}`);
  const took = [];
  let isOver = false;
  const over = handing.finally(() => (isOver = true));
  while (!isOver && took.length < LOOKS * 10) took.push(await daemon.ask('GET', '/v1/processes'));
  await over;
  return { middle: quantile(took, 0.5), longest: Math.max(...took) };
}

/** Two shells run `flock FILE true` in turns. */
async function flockTurns(flock, file, turns) {
  const script = `i=0; while [ $i -lt ${Math.ceil(turns)} ]; do ${flock} ${file} true; i=$((i + 1)); done`;
  const begun = performance.now();
  await Promise.all(
    [1, 2].map(
      () =>
        new Promise((resolve, reject) => {
          const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore', env: environment() });
          child.once('error', reject);
          child.once('exit', resolve);
        }),
    ),
  );
  return (performance.now() - begun) / (2 * Math.ceil(turns));
}

/** @returns {Promise<string>} */
function get(socketPath, path) {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => text(response).then(resolve, reject))
      .once('error', reject)
      .end();
  });
}

/** @param {string[]} command */
async function textOf([program = '', ...args]) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env: environment(), timeout: LIMIT_MS });
    return stdout;
  } catch (error) {
    throw new RunFailed(/** @type {Error} */ (error).message);
  }
}
