// Queues and locks of a supervisor beside Python's multiprocessing, beanstalkd, BullMQ and flock(1). Queues are asked by the
// library, from other processes than the supervisor.
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inTurn, quantile } from '../bench.js';
import { withDaemon } from '../daemon.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { locate } from '../find-tools.js';
import { BULLMQ, PYTHON, findSides, place, textOf } from '../queue/sides.js';

const SECTION = 'Queues and locks';
const FLOCK = 'flock';
const MESSAGES = 400_000;
const TURNS = 1500;
const FLOCK_TURNS = 200;
const WAITING = 1_000_000;
const LOOKS = 20;
const COMMANDS = () => ({ web: 'exec sleep 100000' });

/** @param {import('../bench.js').Bench} bench */
export async function queue(bench) {
  return withDaemon(bench, COMMANDS, (daemon) => measured(bench, daemon));
}

/** @param {import('../bench.js').Bench} bench @param {import('../daemon.js').Daemon} daemon */
async function measured(bench, daemon) {
  const size = bench.quick ? 0.05 : 1;
  const node = (name, ...words) => textOf([process.execPath, place(name), daemon.socket, ...words]);
  const flock = locate('flock');
  const beside = (name, found) => [bench.tools[0], ...(found ? [{ ...bench.tools[0], name }] : [])];
  const turn = (title, tools, once, rounds = bench.rounds) =>
    inTurn(bench, { title, tools, rounds }, async (tool) => ({
      values: await once(tool.name, tool),
      flaws: [],
    }));
  await daemon.cli('queue', 'set', 'memory', '--durable', 'no', '--maxsize', '10000');
  await daemon.cli('queue', 'set', 'round', '--durable', 'no');
  const { storage } = JSON.parse(await get(daemon.socket, '/v1/queues'));
  const { sides, notes: absent } = findSides(bench, daemon.socket, storage === 'sqlite');
  const handing = (title, keeping) =>
    turn(
      title,
      sides.filter(({ keeps }) => keeps.includes(keeping)),
      async (_, side) => ({ rate: Number(await side.rate(keeping)) }),
    );

  const outcomes = {
    rate: await handing('queue in memory', 'memory'),
    kept: await handing('durable queue', 'kept'),
    synced: await handing('queue on the disk', 'synced'),
    round: await turn('a put and its get', sides, async (_, side) => JSON.parse(await side.trip())),
    lock: await turn('a lock that changes hands', beside(FLOCK, flock), async (name) => ({
      ms:
        name === FLOCK
          ? await flockTurns(flock, join(bench.workshop.dir, 'turns'), FLOCK_TURNS * size)
          : Number(await node('latency.mjs', 'lock', `${TURNS * size}`)),
    })),
    ps: await turn('ps beside messages', beside(), () => besideMessages(daemon, node, size), 1),
    waiting: await turn('many messages', beside(), () => waitingOnes(bench, storage, WAITING * size), 1),
  };
  const row = (label, better, against, from, key) =>
    figure({ section: SECTION, label, better, against }, outcomes[from], key);
  const waiting = `${(WAITING * size).toLocaleString('en')} waiting`;
  return {
    figures: [
      row('messages in memory by batches of 64, 1/s', 'more', PYTHON, 'rate', 'rate'),
      row('the same, durable, 1/s', 'more', BULLMQ, 'kept', 'rate'),
      row('the same, on the disk before the answer, 1/s', 'more', BULLMQ, 'synced', 'rate'),
      row('a put, median, ms', 'less', PYTHON, 'round', 'put'),
      row('a put and its get, median, ms', 'less', PYTHON, 'round', 'trip'),
      row('the same, acknowledged, median, ms', 'less', PYTHON, 'round', 'done'),
      row('a lock changes hands, ms', 'less', FLOCK, 'lock', 'ms'),
      row('`ps` beside messages at full speed, median, ms', 'less', undefined, 'ps', 'middle'),
      row('the same, longest, ms', 'less', undefined, 'ps', 'longest'),
      row('RSS for ' + waiting + ', MB', 'none', undefined, 'waiting', 'more'),
      row('single puts with few waiting, 1/s', 'more', undefined, 'waiting', 'few'),
      row('single puts with ' + waiting + ', 1/s', 'more', undefined, 'waiting', 'many'),
    ].filter(({ cells }) => cells.size > 0),
    notes: [...absent, ...Object.entries(outcomes).flatMap(([label, one]) => notesOn(label, one))],
  };
}

/** In a supervisor of their own: what another has freed it still has, and would use for them. */
function waitingOnes(bench, storage, count) {
  return withDaemon(bench, COMMANDS, async ({ cli, socket, pid }) => {
    await cli('queue', 'set', 'many', '--durable', storage === 'sqlite' ? 'yes' : 'no');
    const words = [process.execPath, place('waiting.mjs'), socket, 'many', `${pid}`, `${count}`];
    const { empty, full, few, many } = JSON.parse(await textOf(words));
    return { more: full - empty, few, many };
  });
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
