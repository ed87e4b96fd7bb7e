import { expect, test } from 'vitest';
import { mayHaveSurvivors, watchSurvivors } from '../../src/runtime/survivors.ts';
import { createFakeWorld, SCRIPTS } from '../helpers/fake-world.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

test.each(['group', 'apart'] as const)('tells once when the last one (%s) has gone', (where) => {
  const clock = createVirtualClock();
  const { launcher, processGroups, programs } = createFakeWorld();
  const nothing = { spawned: () => undefined, refused: () => undefined, exited: () => undefined };
  launcher.launch({ runId: 'M:a.1:1:', script: SCRIPTS.live, root: '/', env: {} }, nothing);
  const job = programs[0]?.leave(where);
  programs[0]?.exit({ by: 'code', code: 0 });

  let goneCount = 0;
  watchSurvivors(processGroups, { pid: 100, runId: 'M:a.1:1:' }, clock, () => (goneCount += 1));
  clock.advance(60_000);
  expect(goneCount).toBe(0);
  job?.exit({ by: 'code', code: 0 });
  clock.advance(100);
  expect(goneCount).toBe(1);
  expect(clock.timerCount).toBe(0);
});

test('who is started meanwhile is asked to go once, and is killed when the polite time is over', () => {
  const clock = createVirtualClock();
  const { launcher, processGroups, programs } = createFakeWorld();
  const nothing = { spawned: () => undefined, refused: () => undefined, exited: () => undefined };
  launcher.launch({ runId: 'M:a.1:1:', script: SCRIPTS.live, root: '/', env: {} }, nothing);
  programs[0]?.leave('apart').ignore('SIGTERM');
  programs[0]?.exit({ by: 'code', code: 0 });

  let goneCount = 0;
  const watch = watchSurvivors(processGroups, { pid: 100, runId: 'M:a.1:1:' }, clock, () => (goneCount += 1));
  const newcomer = programs[1]?.leave('apart');
  newcomer?.ignore('SIGTERM');
  clock.advance(10_000);
  expect(programs[1]?.signals).toEqual([]);
  expect(newcomer?.signals).toEqual(['SIGTERM']);

  watch.kill();
  clock.advance(1000);
  expect(newcomer?.signals).toEqual(['SIGTERM', 'SIGKILL']);
  expect(goneCount).toBe(1);
});

test('what cannot be told is no end: it goes on looking', () => {
  const clock = createVirtualClock();
  const { processGroups, blind } = createFakeWorld();
  const group = { pid: 100, runId: 'M:a.1:1:' };
  expect(mayHaveSurvivors(processGroups, group, true)).toBe(false);
  blind('EMFILE');
  expect(mayHaveSurvivors(processGroups, group, false)).toBe(true);

  let goneCount = 0;
  watchSurvivors(processGroups, group, clock, () => (goneCount += 1));
  clock.advance(60_000);
  expect(goneCount).toBe(0);
  blind(null);
  clock.advance(100);
  expect(goneCount).toBe(1);
});
