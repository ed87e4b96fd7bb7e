import { describe, expect, test } from 'vitest';
import { createStopSignals } from '../../src/runtime/stop-signals.ts';
import { lookUntilApart, mayHaveSurvivors, watchSurvivors } from '../../src/runtime/survivors.ts';
import { createFakeWorld, SCRIPTS } from '../helpers/fake-world.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const RUN = { pid: 100, runId: 'M:a.1:1:' };
const nothing = { spawned: () => undefined, refused: () => undefined, exited: () => undefined };

/** Its program has left something behind, which takes its time, and has ended. */
function setUp(where: 'group' | 'apart') {
  const clock = createVirtualClock();
  const { launcher, processGroups, programs } = createFakeWorld();
  launcher.launch({ runId: RUN.runId, script: SCRIPTS.live, root: '/', env: {} }, nothing);
  const [program] = programs;
  const job = program?.leave(where);
  if (program === undefined || job === undefined) return expect.fail('nothing was launched');
  job.ignore('SIGTERM');
  const stopSignals = createStopSignals(processGroups);
  const told = { goneCount: 0 };
  const watch = () =>
    watchSurvivors(processGroups, stopSignals, RUN, clock, () => void (told.goneCount += 1));
  return { clock, program, job, stopSignals, watch, told };
}

test.each(['group', 'apart'] as const)('tells once when the last one (%s) has gone', (where) => {
  const { clock, program, job, watch, told } = setUp(where);
  program.exit({ by: 'code', code: 0 });
  watch();
  clock.advance(60_000);
  expect(told.goneCount).toBe(0);
  job.exit({ by: 'code', code: 0 });
  clock.advance(100);
  expect(told.goneCount).toBe(1);
  expect(clock.timerCount).toBe(0);
});

test('who is started meanwhile is asked to go once, and is killed when the polite time is over', () => {
  const { clock, program, job, stopSignals, watch, told } = setUp('group');
  stopSignals.toGroup(RUN, 'SIGTERM');
  const survivor = watch();
  const newcomer = program.leave('apart');
  newcomer.ignore('SIGTERM');
  clock.advance(10_000);
  expect(job.signals).toEqual(['SIGTERM']);
  expect(newcomer.signals).toEqual(['SIGTERM', 'SIGCONT']);

  survivor.kill();
  clock.advance(1000);
  expect(newcomer.signals).toEqual(['SIGTERM', 'SIGCONT', 'SIGKILL']);
  expect(told.goneCount).toBe(1);
});

test('what cannot be told is no end: it goes on looking', () => {
  const clock = createVirtualClock();
  const { processGroups, blind } = createFakeWorld();
  const group = { pid: 100, runId: 'M:a.1:1:' };
  expect(mayHaveSurvivors(processGroups, group, true)).toBe(false);
  blind('EMFILE');
  expect(mayHaveSurvivors(processGroups, group, false)).toBe(true);

  let goneCount = 0;
  watchSurvivors(processGroups, createStopSignals(processGroups), group, clock, () => (goneCount += 1));
  clock.advance(60_000);
  expect(goneCount).toBe(0);
  blind(null);
  clock.advance(100);
  expect(goneCount).toBe(1);
});

describe('a program that ends at once and with success', () => {
  const setUp = (staysForLooks: number) => {
    const clock = createVirtualClock();
    const told: boolean[] = [];
    let looks = 0;
    lookUntilApart(
      () => (looks += 1) <= staysForLooks,
      clock,
      (stayed) => told.push(stayed),
    );
    return { clock, told };
  };

  test('with nothing left is reported at once', () => {
    expect(setUp(0).told).toEqual([false]);
  });

  test('may leave a child that leaves the session a moment later', () => {
    const { clock, told } = setUp(3);
    expect(told).toEqual([]);
    clock.advance(1000);
    expect(told).toEqual([false]);
  });

  test('is reported with a background job that stays', () => {
    const { clock, told } = setUp(Infinity);
    clock.advance(100);
    expect(told).toEqual([]);
    clock.advance(100);
    expect(told).toEqual([true]);
  });
});
