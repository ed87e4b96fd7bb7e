/** Processes whose environment is lost are found by their limit of file locks: by real programs. Linux only. */
import { closeSync } from 'node:fs';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { runTagOf } from '../../../src/core/run-tag.ts';
import { launchLimitOf } from '../../../src/core/run-limit.ts';
import type { PidCount } from '../../../src/core/pid-order.ts';
import { olderThanCount, pidCount } from '../../../src/os/proc/pid-count.ts';
import { searchRun, startOf, type Moment } from '../../../src/os/proc/search.ts';
import { createProcessGroups } from '../../../src/os/process/groups.ts';
import { createRunLimits, TAG_LIMITS } from '../../../src/os/process/run-limits.ts';
import { createLauncher } from '../../../src/os/process/spawn.ts';
import { noReserve } from '../../../src/os/process/descriptor-reserve.ts';
import { keepingShell } from '../../../src/os/process/shell.ts';
import { until } from '../../helpers/eventually.ts';
import { makePipe } from '../../helpers/make-pipe.ts';
import { isAlive, read, signalIfAlive, stateOf } from '../../helpers/proc.ts';
import { UNMARKED } from '../../helpers/unmarked.ts';

const hasLimits = process.platform === 'linux' && read('/proc/self/limits').includes('Max file locks');
let count = 0;
const newTag = () => runTagOf(process.pid, Date.now(), (count += 1) / 1000);

const pids = new Set<number>();
afterEach(() => {
  for (const pid of pids) signalIfAlive(pid, 'SIGKILL');
  pids.clear();
});

/** Resolves with the pid that it prints. */
function launched(script: string, runId: string, limits = TAG_LIMITS, env: Record<string, string> = {}) {
  const { readFd, writeFd } = makePipe();
  return new Promise<number>((resolve, reject) => {
    const pipe = () => ({ read: readFd, write: writeFd });
    const pool = { directory: '', firstOrder: [], take: pipe, takeInput: pipe, close: () => undefined };
    createLauncher({ pipes: pool, prelude: '', limits }).launch(
      { runId, script, root: '/', env: { PATH: process.env['PATH'] ?? '', ...env } },
      {
        spawned(_pid, output) {
          const reader = spawn('cat', {
            stdio: [output ?? 'ignore', 'pipe', 'ignore'],
          }) as ChildProcessByStdio<null, Readable, null>;
          onTestFinished(() => void reader.kill('SIGKILL'));
          if (output !== null) closeSync(output);
          createInterface({ input: reader.stdout }).once('line', (line) => {
            const pid = Number(/up (\d+)/.exec(line)?.[1]);
            pids.add(pid);
            resolve(pid);
          });
        },
        refused: (refusal) => reject(new Error(refusal.message)),
        exited: () => undefined,
      },
    );
  });
}

describe.runIf(hasLimits)('what has lost its environment', () => {
  for (const [how, script, isHere] of UNMARKED) {
    test.runIf(isHere)(`is found by its run, instance and supervisor, and by no other: ${how}`, async () => {
      const tag = newTag();
      const limits = createRunLimits();
      const groups = createProcessGroups(noReserve, limits);
      const pid = await launched(script, `${tag}web.1:1:`, limits);
      await launched(script, `${tag}web.2:1:`, limits);
      expect(read(`/proc/${pid}/environ`)).not.toContain(tag);
      for (const runId of [`${tag}web.1:1:`, `${tag}web.1:`]) {
        expect(groups.marked(runId), runId).toEqual({ pids: [pid], missed: null });
      }
      expect(new Set(groups.marked(tag).pids)).toEqual(pids);
      expect(groups.marked(`${tag}web.1:2:`).pids).toEqual([]);
      expect(groups.marked(newTag()).pids).toEqual([]);
      // Whoever cleans up after a crash knows the tag only.
      expect(new Set(createProcessGroups().signalMarked(tag, 'SIGTERM').pids)).toEqual(pids);
      await until(() => ![...pids].some(isAlive), 'both have ended');
    });
  }

  test.runIf(keepingShell()?.endsWith('/bash'))('is found if it was started by bash', async () => {
    const tag = newTag();
    const [, script = ''] = UNMARKED[0] ?? [];
    const pid = await launched(script, tag, TAG_LIMITS, { 'app.name': 'x' });
    expect(createProcessGroups().marked(tag).pids).toEqual([pid]);
  });
});

test.runIf(hasLimits)('what is older than the one that starts them is not looked into', async () => {
  const tag = newTag();
  const ownGroups = createProcessGroups(noReserve, TAG_LIMITS, 'own');
  const pid = await launched(`echo "up $$"; exec sleep infinity`, `${tag}web.1:1:`);
  const started = startOf(pid) ?? 0;
  const limit = TAG_LIMITS.of(tag);
  expect(startOf('self')).toBeLessThanOrEqual(started);
  const byStart = (ticks: number) => searchRun(tag, limit, { ticks, pids: undefined });
  expect(byStart(started)).toEqual({ pids: [pid], missed: null });
  expect(byStart(started + 1)).toEqual({ pids: [], missed: null });
  expect(ownGroups.marked(tag).pids).toEqual([pid]);
});

test.runIf(hasLimits)('by its pid where pids are known to have been handed out in turn', async () => {
  const tag = newTag();
  const before = pidCount();
  const pid = await launched(`echo "up $$"; exec sleep infinity`, `${tag}web.1:1:`);
  const after = pidCount();
  const byPid = (pids: PidCount | undefined) => searchRun(tag, TAG_LIMITS.of(tag), { ticks: 0, pids });
  expect(before?.newest).toBeLessThan(pid);
  expect(after?.newest).toBeGreaterThanOrEqual(pid);
  expect(byPid(before)).toEqual({ pids: [pid], missed: null });
  expect(byPid(after)).toEqual({ pids: [], missed: null });
});

test.runIf(hasLimits)('a zombie is not found by its limit', async () => {
  const tag = newTag();
  // It ends when its parent is one that waits for no child: a shell would have waited for it.
  const ending = `sh -c 'until [ "$(cat /proc/$PPID/comm)" = sleep ]; do sleep 0.01; done'`;
  const script = `${ending} & echo "up $!"; exec env -u PROCSUP_RUN_ID sleep infinity`;
  const pid = await launched(script, tag);
  await until(() => stateOf(pid) === 'Z', 'it has ended');
  const groups = createProcessGroups();
  const { pids: found } = groups.marked(tag);
  for (const one of found) pids.add(one);
  expect(found).toHaveLength(1);
  expect(found).not.toContain(pid);
});

test.runIf(hasLimits)(
  'what names another supervisor in its environment is not ours, whatever its limit',
  async () => {
    const tag = newTag();
    const script = `exec env PROCSUP_RUN_ID=${newTag()}a.1:1: sh -c 'echo "up $$"; exec sleep infinity'`;
    const pid = await launched(script, tag);
    expect(read(`/proc/${pid}/limits`)).toContain(launchLimitOf(tag));
    expect(createProcessGroups().marked(tag).pids).toEqual([]);
  },
);

test.runIf(hasLimits)(
  'where the limit cannot be set the program runs all the same, and its environment is enough',
  async () => {
    const tag = newTag();
    const script = `echo "up $$"; exec sleep infinity`;
    const lower = `{ ulimit -w 5 || ulimit -x 5; } 2>/dev/null; ${TAG_LIMITS.prelude(tag)}${script}`;
    const pid = await launched(lower, `${tag}web.1:1:`, { ...TAG_LIMITS, prelude: () => '' });
    expect(read(`/proc/${pid}/limits`)).toMatch(/^Max file locks +5 /m);
    expect(createProcessGroups().marked(tag).pids).toEqual([pid]);
  },
);

test.runIf(hasLimits)('by its start once, until its pid may have been handed out again', async () => {
  const tag = newTag();
  const old = await launched(`echo "up $$"; exec sleep infinity`, `${tag}web.1:1:`);
  const ticks = (startOf(old) ?? 0) + 1;
  const search = (moment: Moment) => searchRun(tag, TAG_LIMITS.of(tag), moment).pids;
  const first: Moment = { ticks, pids: undefined };
  // Somebody else's forks may keep pids from being told for once.
  for (let isTold = false; !isTold;) {
    expect(search(first)).not.toContain(old);
    // By its start it would be a younger one now.
    const second: Moment = { ...first, ticks: 0 };
    const young = await launched(`echo "up $$"; exec sleep infinity`, `${tag}web.2:1:`);
    const found = search(second);
    expect(found).toContain(young);
    isTold = first.looked !== undefined && olderThanCount(first.looked.pids) !== undefined;
    if (isTold) expect(found).not.toContain(old);
  }
});

test.runIf(hasLimits)('whoever looks for all of a supervisor can leave some out', async () => {
  const tag = newTag();
  const groups = createProcessGroups();
  const one = await launched(`echo "up $$"; exec sleep infinity`, `${tag}web.1:1:`);
  const other = await launched(`echo "up $$"; exec sleep infinity`, `${tag}web.2:1:`);
  const found = (without: readonly number[]) =>
    groups.carriers(tag, new Set(without)).carriers.map(({ pid }) => pid);
  expect(new Set(found([]))).toEqual(new Set([one, other]));
  expect(found([one])).toEqual([other]);
});
