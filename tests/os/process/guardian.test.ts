/** What the guardian does beyond guarding groups, which is in tests/contract/guard.test.ts. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../helpers/eventually.ts';
import { runTagOf } from '../../../src/core/run-tag.ts';
import { TAG_LIMITS } from '../../../src/os/process/run-limits.ts';
import { searchGroup } from '../../../src/os/proc/search.ts';
import { canBeHeadless, launchHeadless } from '../../helpers/headless.ts';
import { host } from '../../helpers/host.ts';
import { isAlive, read, withCommand } from '../../helpers/proc.ts';
import { UNMARKED } from '../../helpers/unmarked.ts';
import { scratch } from '../../helpers/scratch.ts';

let count = 0;

async function setUp({ hasDirectory = true, prelude = '' } = {}) {
  const mark = runTagOf(process.pid, Date.now(), (count += 1) / 1000);
  const directory = join(scratch({ 'fifos/1': '' }), 'fifos');
  const job = hasDirectory ? { directory, fifos: [`${directory}/2`] } : { directory: '', fifos: [] };
  const { does, kill, ended } = host('os/process/guardian.ts', prelude);
  await does('void (globalThis.lost = 0)');
  await does(
    `void (globalThis.guard = it.createGuardian({ runTag: '${mark}', ...${JSON.stringify(job)}, onLost: () => lost++ }))`,
  );
  const guardians = () => withCommand(new RegExp(`procsup-guardian ${mark}`));
  await until(() => guardians().length === 1, 'there is a guardian');
  return { mark, directory, does, kill, ended, guardians };
}

function launch(words: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}): number {
  const [program, ...args] = words;
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

const hasLimits = process.platform === 'linux' && read('/proc/self/limits').includes('Max file locks');
const LIVE = ['sleep', 'infinity'] as const;

test('ends those that carry the mark, wherever they are, and no others', async () => {
  const { mark, kill } = await setUp();
  const ours = launch([...LIVE], { PROCSUP_RUN_ID: `${mark}a.1:1:` });
  const foreign = launch([...LIVE], { PROCSUP_RUN_ID: 'another:a.1:1:' });
  kill('SIGKILL');
  await until(() => !isAlive(ours), 'what is marked ends');
  expect(isAlive(foreign)).toBe(true);
});

for (const [how, script, isHere] of UNMARKED) {
  test.runIf(hasLimits && isHere)(`finds by its limit what has lost its environment: ${how}`, async () => {
    const { mark, kill } = await setUp();
    const { mark: another } = await setUp();
    const [ours, foreign] = [mark, another].map((tag) =>
      launch(['sh', '-c', TAG_LIMITS.prelude(tag) + script], { PROCSUP_RUN_ID: tag }),
    );
    const isLost = (pid = 0) => read(`/proc/${pid}/environ`) !== '' && !hasMark(pid);
    const hasMark = (pid: number) => /PROCSUP_RUN_ID=./.test(read(`/proc/${pid}/environ`));
    await until(() => isLost(ours) && isLost(foreign), 'both have lost it');
    kill('SIGKILL');
    await until(() => !isAlive(ours ?? 0), 'what is marked ends');
    expect(isAlive(foreign ?? 0)).toBe(true);
  });
}

test.runIf(hasLimits)('sends SIGTERM once, to the group or to what has left it', async () => {
  const { mark, does, kill, guardians } = await setUp();
  const root = scratch();
  const counting = (name: string) =>
    `const { appendFileSync } = require('node:fs'); const tell = (text) => appendFileSync('${root}/${name}', text);
     process.on('SIGTERM', () => tell('T')); setInterval(() => undefined, 1e6); tell('up ');`;
  const pids = ['in group', 'apart'].map((name) =>
    launch([process.execPath, '-e', counting(name)], { PROCSUP_RUN_ID: `${mark}a.1:1:` }),
  );
  const told = (name: string) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : '');
  await until(() => told('in group') === 'up ' && told('apart') === 'up ', 'both listen');
  await does(`guard.add(${pids[0]})`);
  kill('SIGKILL');
  await until(() => guardians().length === 0, 'the guardian has done its work');
  expect([told('in group'), told('apart')]).toEqual(['up T', 'up T']);
  expect(pids.filter(isAlive)).toEqual([]);
});

test.runIf(hasLimits)('is not found by a supervisor above its own', async () => {
  const above = runTagOf(process.pid, Date.now(), 0.5);
  const { guardians } = await setUp({ prelude: TAG_LIMITS.prelude(above) });
  const limits = () => read(`/proc/${guardians()[0]?.pid ?? 0}/limits`);
  await until(() => /^Max file locks +unlimited /m.test(limits()), 'it has put the limit away');
});

test.runIf(canBeHeadless)('finds by the mark what has lost its main thread, and ends it', async () => {
  const { mark, kill, guardians } = await setUp();
  const pid = await launchHeadless({ PROCSUP_RUN_ID: `${mark}a.1:1:` });
  kill('SIGKILL');
  await until(() => guardians().length === 0, 'the guardian has done its work');
  expect(searchGroup(pid).living).toBe(false);
});

test('kills what does not go, and a stopped program too', async () => {
  const { does, kill } = await setUp();
  const deaf = launch(['sh', '-c', 'trap "" TERM; while :; do sleep 1000; done']);
  const stopped = launch([...LIVE]);
  process.kill(stopped, 'SIGSTOP');
  for (const pid of [deaf, stopped]) await does(`guard.add(${pid})`);
  kill('SIGKILL');
  await until(() => !isAlive(deaf) && !isAlive(stopped), 'both end');
});

test('clears the directory away, and goes', async () => {
  const { directory, guardians, kill } = await setUp();
  kill('SIGKILL');
  await until(() => guardians().length === 0, 'the guardian goes');
  expect(existsSync(directory)).toBe(false);
});

test('is not impressed by signals', async () => {
  const { guardians, does, kill } = await setUp();
  const child = launch([...LIVE]);
  await does(`guard.add(${child})`);
  const [guardian] = guardians();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) {
    process.kill(guardian?.pid ?? 0, signal);
  }
  expect(guardians()).toEqual([guardian]);
  kill('SIGKILL');
  await until(() => !isAlive(child), 'the child ends');
});

test('is replaced when it is killed, by one that knows what the first knew; but not for ever', async () => {
  const { guardians, does, kill } = await setUp();
  const child = launch([...LIVE]);
  await does(`guard.add(${child})`);
  for (let at = 1; at <= 3; at += 1) {
    const [victim] = guardians();
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await until(() => guardians().some(({ pid }) => pid !== victim?.pid), 'there is another');
  }
  expect(isAlive(child)).toBe(true);
  expect(await does('lost')).toBe(0);
  kill('SIGKILL');
  await until(() => !isAlive(child), 'the child ends');
});

test('says so when there is none to be had any more', async () => {
  const { guardians, does } = await setUp();
  const victims = new Set<number>();
  for (let at = 1; at <= 4; at += 1) {
    // Two at once are the guardian and its `mkfifo`, which has its name until it is that.
    const next = () =>
      guardians().length === 1 ? guardians().find(({ pid }) => !victims.has(pid)) : undefined;
    await until(() => next() !== undefined, 'there is another');
    const victim = next()?.pid ?? 0;
    victims.add(victim);
    process.kill(victim, 'SIGKILL');
  }
  let lost: unknown = 0;
  while (lost === 0) lost = await does('new Promise((resolve) => setImmediate(() => resolve(lost)))');
  expect(lost).toBe(1);
  expect(guardians()).toEqual([]);
});

test('that was stopped is not waited for', async () => {
  const { guardians, does } = await setUp();
  const [stopped] = guardians();
  process.kill(stopped?.pid ?? 0, 'SIGSTOP');
  await does('guard.dismiss()');
  expect(guardians()).toEqual([]);
});

test('goes when it is dismissed, and ends nobody', async () => {
  const { guardians, does, directory } = await setUp();
  const child = launch([...LIVE]);
  await does(`guard.add(${child})`);
  await does('guard.dismiss()');
  expect(guardians()).toEqual([]);
  expect(isAlive(child)).toBe(true);
  expect(existsSync(directory)).toBe(false);
});

test('with nothing to remove goes in the middle of whatever it does, and ends nobody', async () => {
  const { guardians, does, mark } = await setUp({ hasDirectory: false });
  const child = launch([...LIVE], { PROCSUP_RUN_ID: mark });
  const [stopped] = guardians();
  process.kill(stopped?.pid ?? 0, 'SIGSTOP');
  await does('guard.dismiss()');
  expect(guardians()).toEqual([]);
  expect(isAlive(child)).toBe(true);
  expect(await does('lost')).toBe(0);
});

test('makes the first FIFOs', async () => {
  const { directory } = await setUp();
  const fifo = join(directory, '2');
  await until(() => existsSync(fifo), 'the FIFO is made');
  expect(statSync(fifo).isFIFO()).toBe(true);
});
