import { expect, test } from 'vitest';
import { killAll } from '../../src/host/exit-guard.ts';
import { createFakeWorld, SCRIPTS } from '../helpers/fake-world.ts';

const nothing = { spawned: () => undefined, refused: () => undefined, exited: () => undefined };

test('what was started is killed, in its group or not', () => {
  const { launcher, processGroups, programs } = createFakeWorld();
  launcher.launch({ runId: 'M:a.1:1:', script: SCRIPTS.leaveStray, root: '/', env: {} }, nothing);
  killAll({ processGroups, groundwork: { guardian: { groups: new Set([100]) } }, runTag: 'M:' });
  expect(programs.map(({ isAlive }) => isAlive)).toEqual([false, false]);
});

test('what fails keeps nobody else alive, and throws nothing', () => {
  const { launcher, processGroups, programs } = createFakeWorld();
  for (const run of ['1', '2']) {
    launcher.launch({ runId: `M:a.1:${run}:`, script: SCRIPTS.live, root: '/', env: {} }, nothing);
  }
  const failing: typeof processGroups = {
    ...processGroups,
    signal(group, ...rest) {
      if (group.pid === 100) throw new Error('EMFILE: too many open files');
      processGroups.signal(group, ...rest);
    },
    signalMarked() {
      throw new Error('EMFILE: too many open files');
    },
  };
  expect(() =>
    killAll({
      processGroups: failing,
      groundwork: { guardian: { groups: new Set([100, 101]) } },
      runTag: 'M:',
    }),
  ).not.toThrow();
  expect(programs.map(({ isAlive }) => isAlive)).toEqual([true, false]);
});
