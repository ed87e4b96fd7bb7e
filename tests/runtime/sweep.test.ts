import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createStopSignals } from '../../src/runtime/stop-signals.ts';
import { sweep } from '../../src/runtime/sweep.ts';
import { createFakeWorld, SCRIPTS } from '../helpers/fake-world.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const GRACE_MS = 1000;

function setUp(strays: number, isImmortal = false) {
  const clock = createVirtualClock();
  const world = createFakeWorld();
  const nothing = { spawned: () => undefined, refused: () => undefined, exited: () => undefined };
  for (let at = 0; at < strays; at += 1) {
    world.launcher.launch({ runId: `M:a.${at}:1:`, script: SCRIPTS.live, root: '/', env: {} }, nothing);
  }
  const swept = async () => {
    const processGroups = isImmortal
      ? {
          ...world.processGroups,
          signalOne: () => undefined,
          signalMarked: (runId: string) => world.processGroups.marked(runId),
        }
      : world.processGroups;
    const result = sweep(createStopSignals(processGroups), 'M:', GRACE_MS, clock);
    await nextTurn();
    while (clock.runNext()) await nextTurn();
    return result;
  };
  return { ...world, clock, swept };
}

test('nothing is done where nothing was left', async () => {
  const { swept, clock } = setUp(0);
  expect(await swept()).toEqual({ found: [], left: [], missed: null });
  expect(clock.now()).toBe(0);
});

test('what was left is asked to go', async () => {
  const { swept, programs, clock } = setUp(2);
  expect(await swept()).toEqual({ found: [100, 101], left: [], missed: null });
  expect(programs[0]?.signals[0]).toBe('SIGTERM');
  expect(clock.now()).toBe(0);
});

test('who does not go is killed when the grace is over', async () => {
  const { swept, programs, clock } = setUp(1);
  programs[0]?.ignore('SIGTERM');
  expect(await swept()).toEqual({ found: [100], left: [], missed: null });
  expect(programs[0]?.signals).toEqual(['SIGTERM', 'SIGCONT', 'SIGKILL']);
  expect(clock.now()).toBeGreaterThanOrEqual(GRACE_MS);
  expect(clock.now()).toBeLessThan(GRACE_MS + 100);
});

test('who does not even die of SIGKILL is named', async () => {
  const { swept } = setUp(1, true);
  expect(await swept()).toEqual({ found: [100], left: [100], missed: null });
});

test('what cannot be seen is looked for again, and then ended', async () => {
  const { swept, clock, blind, programs } = setUp(1);
  blind('EMFILE');
  clock.after(GRACE_MS / 2, () => blind(null));
  expect(await swept()).toEqual({ found: [100], left: [], missed: null });
  expect(programs[0]?.signals).toEqual(['SIGTERM']);
});

test('when it never can be seen, that is told in the end', async () => {
  const { swept, clock, blind } = setUp(1);
  blind('EMFILE');
  expect(await swept()).toEqual({ found: [], left: [], missed: 'EMFILE' });
  expect(clock.now()).toBeGreaterThanOrEqual(GRACE_MS);
});

test.each(['', ':', 'M'])(
  'the run tag %j, which would match processes of others, is refused',
  async (runTag) => {
    const { processGroups, clock, programs } = setUp(1);
    await expect(sweep(createStopSignals(processGroups), runTag, GRACE_MS, clock)).rejects.toThrow(
      /invalid run tag/,
    );
    expect(programs[0]?.signals).toEqual([]);
  },
);
