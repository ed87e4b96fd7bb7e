/** Queues of procsup.yaml, and pools that read one: workers, pools and supervisors that end in the middle. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PoolSnapshot } from '../../src/control/pool-api.ts';
import { gone, project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { nodeWithSqlite, pathWith } from '../helpers/node-with-sqlite.ts';

const WORKER = `${process.execPath} ${resolve(import.meta.dirname, '../fixtures/pool-worker.cjs')}`;
/** Says in a file what it begins and ends. */
const LOGGER = `const { appendFileSync } = require('node:fs');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync('work', \`begin \${line}\\n\`);
  setTimeout(() => {
    appendFileSync('work', \`end \${line}\\n\`);
    console.log('done');
  }, 5);
});
`;

const app = (yaml: string, env: Readonly<Record<string, string>> = {}): Project =>
  project('idle: exec sleep infinity', { files: { 'procsup.yaml': yaml, 'logger.cjs': LOGGER }, env });
const reading = (queue: string, size = 2): string => `
queues: {mail: ${queue}}
pools: {echo: {command: '${WORKER}', size: ${String(size)}, queue: mail}}
`;

const linesIn = (one: Project, file: string): readonly string[] =>
  existsSync(join(one.root, file))
    ? readFileSync(join(one.root, file), 'latin1').split('\n').slice(0, -1)
    : [];

interface Info {
  readonly name: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
  readonly attempts: number;
  readonly durable: boolean;
}

const infoOf = async (one: Project): Promise<Info> => {
  const [info] = await one.json<readonly Info[]>('queue', 'ls', '--json');
  return info ?? expect.fail('no queue');
};

async function becomes(one: Project, wanted: Partial<Info>): Promise<void> {
  for (const deadline = Date.now() + 120_000; ;) {
    const info = await infoOf(one);
    if (Object.entries(wanted).every(([key, value]) => info[key as 'ready'] === value)) return;
    if (Date.now() > deadline) expect(info).toMatchObject(wanted);
  }
}

const EMPTY = { ready: 0, delayed: 0, leased: 0 };

test('workers take the messages from the start on, no more than they can work on', async () => {
  const one = app(reading('{backoff: 0}'));
  await one.up();
  await one.run('queue', 'put', 'mail', 'a', 'b', 'c');
  await becomes(one, { ...EMPTY, dead: 0 });
  const { pools } = await one.json<{ readonly pools: readonly PoolSnapshot[] }>('ps', '--all', '--json');
  expect(pools[0]).toMatchObject({ name: 'echo', queue: 'mail', reason: null, done: 3, failed: 0 });
  expect((await one.run('ps', '--all')).stdout).toMatch(/POOL .*QUEUE\necho .* mail\n/);
  await one.run('queue', 'put', 'mail', ...Array.from({ length: 9 }, (_, at) => `wait-${String(at)}`));
  await until(() => linesIn(one, 'begun').length === 2, 'two begin');
  // One waits for the worker that is the first to finish.
  await becomes(one, { leased: 3, ready: 6 });
  await one.run('stop', 'echo');
  await becomes(one, { leased: 0 });
  expect(await infoOf(one)).toMatchObject({ dead: 0 });
  for (let at = 0; at < 9; at += 1) writeFileSync(join(one.root, `wait-${String(at)}`), '');
  await one.run('start', 'echo');
  await becomes(one, { ...EMPTY, dead: 0 });
});

test('a worker that dies of a message costs an attempt, and the last one is told', async () => {
  const one = app(reading('{attempts: 2, backoff: 0}'));
  await one.up();
  await one.run('queue', 'put', 'mail', 'die-once', 'die', 'a');
  await becomes(one, { ...EMPTY, dead: 1 });
  const dead = await one.run('queue', 'dead', 'mail');
  expect(dead.stdout).toMatch(/dead {2}2 attempts {2}die\n(.*the worker was .*SIGKILL.*\n){2}$/);
});

test('kill -9 of a worker gives its message to another one', async () => {
  const one = app(reading('{backoff: 0}', 1));
  await one.up();
  await one.run('queue', 'put', 'mail', 'wait-x');
  await until(() => linesIn(one, 'begun').length === 1, 'the first run');
  process.kill(Number(linesIn(one, 'pids')[0]), 'SIGKILL');
  await until(() => linesIn(one, 'begun').length === 2, 'the second run');
  writeFileSync(join(one.root, 'wait-x'), '');
  await becomes(one, { ...EMPTY, dead: 0 });
});

test('a reload changes rules, and says what it cannot change', async () => {
  const one = app('queues: {mail: {attempts: 2}}');
  await one.up();
  expect(await infoOf(one)).toMatchObject({ name: 'mail', attempts: 2 });
  await one.run('queue', 'put', 'mail', 'x');
  const { durable } = await infoOf(one);
  one.write('procsup.yaml', `queues: {mail: {attempts: 7, durable: ${String(!durable)}}}`);
  const reloaded = await one.run('reload');
  expect(await infoOf(one)).toMatchObject({ attempts: 7, durable });
  expect(reloaded.stderr).toMatch(durable ? /queue 'mail' is not empty/ : /queue 'mail' cannot be durable/);
});

const NODE = nodeWithSqlite();

describe.skipIf(NODE === undefined)('a durable queue', () => {
  test('every message is accounted for after kill -9 of workers and of the supervisor', async () => {
    const one = app(
      `
queues: {mail: {attempts: 50, backoff: 0}}
pools: {log: {command: '${process.execPath} logger.cjs', size: 3, queue: mail}}
`,
      { PATH: pathWith(NODE ?? '') },
    );
    const supervisor = await one.up();
    const values = Array.from({ length: 400 }, (_, at) => `m${String(at)}`);
    await one.run('queue', 'put', 'mail', ...values);
    const done = (): number => linesIn(one, 'work').filter((line) => line.startsWith('end')).length;
    for (const enough of [30, 60, 90]) {
      await until(() => done() >= enough, 'work');
      const [worker] = (await one.ps('log')).flatMap(({ pid }) => pid ?? []);
      if (worker !== undefined) process.kill(worker, 'SIGKILL');
    }
    await until(() => done() >= 130, 'work');
    process.kill(supervisor, 'SIGKILL');
    await gone([supervisor]);
    await one.up();
    await becomes(one, { ...EMPTY, dead: 0 });
    const work = linesIn(one, 'work');
    const ended = new Set(work.filter((line) => line.startsWith('end')).map((line) => line.slice(4)));
    expect(values.filter((value) => !ended.has(value))).toEqual([]);
    // Only what a death has interrupted is begun again: three workers at four times, and what was given to them next.
    const begun = work.filter((line) => line.startsWith('begin')).length;
    expect(begun).toBeLessThanOrEqual(values.length + 4 * 8);
  });
});
