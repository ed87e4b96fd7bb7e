import { expect, test } from 'vitest';
import { createStopSignals } from '../../src/runtime/stop-signals.ts';
import { createFakeWorld, SCRIPTS } from '../helpers/fake-world.ts';

const RUN = { pid: 100, runId: 'M:a.1:1:' };
const GONE = { by: 'code', code: 0 } as const;

/** A program that goes on whatever it hears, with a job in its group and one that left it. */
function setUp() {
  const { launcher, processGroups, programs, blind } = createFakeWorld();
  const nothing = { spawned: () => undefined, refused: () => undefined, exited: () => undefined };
  launcher.launch({ runId: RUN.runId, script: SCRIPTS.live, root: '/', env: {} }, nothing);
  const [program] = programs;
  if (program === undefined) return expect.fail('nothing was launched');
  const born = (parent: typeof program, where: 'group' | 'apart') => {
    const child = parent.leave(where);
    child.ignore('SIGTERM');
    return child;
  };
  program.ignore('SIGTERM');
  const [job, stray] = [born(program, 'group'), born(program, 'apart')];
  return { program, job, stray, born, blind, processGroups, stopSignals: createStopSignals(processGroups) };
}

const ONCE = ['SIGTERM', 'SIGCONT'];

test('who was in the group hears nothing more, who had left it hears it once', () => {
  const { program, job, stray, stopSignals } = setUp();
  stopSignals.toGroup(RUN, 'SIGTERM');
  program.exit(GONE);
  for (let look = 0; look < 3; look += 1) {
    expect(stopSignals.toOthers(RUN.runId)).toEqual({ pids: [job.pid, stray.pid], missed: null });
  }
  expect(job.signals).toEqual(['SIGTERM']);
  expect(stray.signals).toEqual(ONCE);
});

test('the last sweep, which looks for all runs, asks nobody who was asked in one', () => {
  const { program, job, stray, stopSignals } = setUp();
  stopSignals.toGroup(RUN, 'SIGTERM');
  stopSignals.toOthers('M:');
  program.exit(GONE);
  stopSignals.toOthers('M:');
  expect([job.signals, stray.signals]).toEqual([['SIGTERM'], ONCE]);
  stopSignals.forget(RUN.runId);
  stopSignals.toOthers('M:');
  expect(job.signals).toEqual(['SIGTERM', ...ONCE]);
});

test('who has ignored the first signal hears SIGTERM', () => {
  const { program, job, stopSignals } = setUp();
  job.ignore('SIGINT');
  const other = program.leave('group');
  other.ignore('SIGTERM');
  stopSignals.toGroup(RUN, 'SIGINT');
  stopSignals.toOthers(RUN.runId);
  stopSignals.toOthers(RUN.runId);
  expect(job.signals).toEqual(['SIGINT', ...ONCE]);
  expect(other.signals).toEqual(['SIGINT']);
});

test.each(['group', 'apart'] as const)(
  'who comes later (%s) is left to its parent, and asked once when that has gone',
  (where) => {
    const { program, job, born, stopSignals } = setUp();
    stopSignals.toGroup(RUN, 'SIGTERM');
    program.exit(GONE);
    const helper = born(job, where);
    const second = born(helper, 'apart');
    stopSignals.toOthers(RUN.runId);
    expect([helper.signals, second.signals]).toEqual([[], []]);
    job.exit(GONE);
    stopSignals.toOthers(RUN.runId);
    stopSignals.toOthers(RUN.runId);
    expect(helper.signals).toEqual(ONCE);
    expect(second.signals).toEqual(ONCE);
  },
);

test('who has the pid of one that was asked, and is another, is asked', () => {
  const { stray, processGroups } = setUp();
  let started = 1;
  const stopSignals = createStopSignals({
    ...processGroups,
    look: (pids) => processGroups.look(pids).map((one) => ({ ...one, started })),
  });
  stopSignals.toOthers(RUN.runId);
  started = 2;
  stopSignals.toOthers(RUN.runId);
  stopSignals.toOthers(RUN.runId);
  expect(stray.signals).toEqual([...ONCE, ...ONCE]);
});

test('who could not be looked at is asked as soon as that is possible', () => {
  const { stray, stopSignals, blind } = setUp();
  blind('EMFILE');
  expect(stopSignals.toOthers(RUN.runId)).toEqual({ pids: [], missed: 'EMFILE' });
  blind(null);
  stopSignals.toOthers(RUN.runId);
  expect(stray.signals).toEqual(ONCE);
});

test('stages that have heard a stop, one by one, are not asked again', () => {
  const { program, job, stopSignals } = setUp();
  stopSignals.toAll('M:', 'SIGTERM', [program.pid]);
  expect([program.signals, job.signals]).toEqual([[], ['SIGTERM']]);
  stopSignals.toOthers('M:');
  expect([program.signals, job.signals]).toEqual([[], ['SIGTERM']]);
  stopSignals.kill('M:');
  expect(job.signals).toEqual(['SIGTERM', 'SIGKILL']);
});
