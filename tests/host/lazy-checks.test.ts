/** The first checks wait for their code: nothing is lost meanwhile, and nothing is begun that is not wanted any more. */
import { expect, onTestFinished, test } from 'vitest';
import { createLazyChecks } from '../../src/host/lazy/checks.ts';
import { createOutputWatch } from '../../src/output/output-watch.ts';
import { createPipePool } from '../../src/os/pipes/pool.ts';
import type { CheckedRun } from '../../src/runtime/checks.ts';
import { until } from '../helpers/eventually.ts';
import { createFakeWorld } from '../helpers/fake-world.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

function lazy() {
  const pipes = createPipePool(0);
  onTestFinished(() => pipes.close());
  const clock = createVirtualClock();
  const { launcher, guard } = createFakeWorld();
  const checks = createLazyChecks({
    clock,
    output: createOutputWatch(),
    launcher,
    guard,
    pipes,
    runTag: 'M:',
  });
  onTestFinished(() => checks.close());
  const told: string[] = [];
  const run = (name: string): CheckedRun => ({
    ...{ instance: fakeInstance(name), run: 1, pid: process.pid, root: '/' },
    on: { ready: () => told.push(name), unready: (message) => told.push(message), tell: () => undefined },
  });
  return { checks, clock, told, run };
}

test('a check that is begun before its code is there is made, unless it was stopped meanwhile', async () => {
  const { checks, clock, told, run } = lazy();
  checks.start(run('a.1'));
  checks.start(run('b.1'));
  checks.stop('b.1', 1);
  await until(() => clock.timerCount > 0, 'the checks begin');
  clock.advance(1000);
  expect(told).toEqual(['a.1']);
});

test('only what must be heard from the start on delays a start', async () => {
  const { checks } = lazy();
  const usual = fakeInstance('a.1');
  expect(checks.open(usual)).toBeUndefined();
  const plan = { ...usual.plan, ready: { checks: [{ kind: 'log', pattern: 'x' }] } } as typeof usual.plan;
  expect(await checks.open({ ...usual, plan })).toMatchObject({ env: {}, descriptors: [] });
});
