/** What the supervisor relies on in a `Launcher` and in `ProcessGroups`, tried on those of the tests and on the real ones. */
import { closeSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Exit } from '../../src/core/process/exit.ts';
import { loadChildren } from '../../src/os/process/children.ts';
import { createLauncher } from '../../src/os/process/spawn.ts';
import { createProcessGroups } from '../../src/os/process/groups.ts';
import type { Pipe, PipePool } from '../../src/os/pipes/pool.ts';
import type { ProcessGroups, Launcher, Seen } from '../../src/ports/processes.ts';
import { becomes } from '../helpers/eventually.ts';
import { createFakeWorld, NO_SUCH_DIRECTORY, SCRIPTS } from '../helpers/fake-world.ts';
import { makePipe } from '../helpers/make-pipe.ts';
import { withoutDescriptors } from '../helpers/no-descriptors.ts';

interface World {
  readonly launcher: Launcher;
  readonly processGroups: ProcessGroups;
  /** Lets things happen until `isSo`; false when that does not come. */
  readonly comes: (isSo: () => boolean) => Promise<boolean>;
  /** No descriptor is free, until the returned function is called. */
  readonly blind: () => Promise<() => unknown>;
}

function fakeWorld(): World {
  const { launcher, processGroups, turn, blind } = createFakeWorld();
  return {
    launcher,
    processGroups,
    comes(isSo) {
      turn();
      return Promise.resolve(isSo());
    },
    blind() {
      blind('EMFILE');
      return Promise.resolve(() => blind(null));
    },
  };
}

function realWorld(): World {
  const processGroups = createProcessGroups();
  const launcher = createLauncher({ pipes: pipesOfKernel(), prelude: '' });
  return { launcher, processGroups, comes: becomes, blind: withoutDescriptors };
}

const children = await loadChildren();

/** Started by posix_spawn(3). */
function fastWorld(): World {
  expect(children).toBeDefined();
  const launcher = createLauncher({ pipes: pipesOfKernel(), prelude: '', children: () => children });
  return { ...realWorld(), launcher };
}

function pipesOfKernel(): PipePool {
  const take = (): Pipe => {
    const { readFd: read, writeFd: write } = makePipe();
    return { read, write };
  };
  return { directory: '', firstOrder: [], take, takeInput: take, close: () => undefined };
}

let count = 0;

describe.each([
  ['fake', fakeWorld],
  ['real', realWorld],
  ['real, fast', fastWorld],
])('the %s world', (kind, createWorld) => {
  const setUp = () => {
    const world = createWorld();
    const mark = `test-${process.pid}-${String((count += 1))}:`;
    onTestFinished(() => void world.processGroups.signalMarked(mark, 'SIGKILL'));

    const launch = (script: string, { run = 1, root = '/' } = {}) => {
      const told: (number | string | Exit)[] = [];
      const runId = `${mark}web.1:${run}:`;
      const state = {
        pid: 0,
        told,
        runId,
        get processGroup() {
          return { pid: state.pid, runId };
        },
      };
      const env = { PATH: process.env['PATH'] ?? '' };
      world.launcher.launch(
        { runId, script, root, env },
        {
          spawned(pid, output) {
            state.pid = pid;
            told.push('spawned');
            if (kind !== 'fake' && output !== null) closeSync(output);
          },
          refused: (refusal) => told.push(refusal),
          exited: (exit) => told.push(exit),
        },
      );
      return state;
    };
    return { ...world, mark, launch };
  };

  describe('launches', () => {
    test('a program, and tells how it ended', async () => {
      const { launch, comes } = setUp();
      const { told } = launch(SCRIPTS.fail);
      expect(await comes(() => told.length === 2)).toBe(true);
      expect(told).toEqual(['spawned', { by: 'code', code: 3 }]);
    });

    test('and tells by which signal it ended', async () => {
      const { launch, comes, processGroups } = setUp();
      const { told, processGroup } = launch(SCRIPTS.live);
      processGroups.signal(processGroup, 'SIGTERM', 'group');
      expect(told, 'no news while the signal is sent').toEqual(['spawned']);
      expect(await comes(() => told.length === 2)).toBe(true);
      expect(told).toEqual(['spawned', { by: 'signal', signal: 'SIGTERM' }]);
    });

    test('nothing where the system refuses, and says why', async () => {
      const { launch, comes } = setUp();
      const { told } = launch(SCRIPTS.live, { root: NO_SUCH_DIRECTORY });
      expect(await comes(() => told.length === 1)).toBe(true);
      expect(told).toMatchObject([{ by: 'refusal', error: 'ENOENT' }]);
    });
  });

  test.each([
    ['launched', '/'],
    ['refused', NO_SUCH_DIRECTORY],
  ])('the ends of pipes that it is given are released: %s', async (_how, root) => {
    const { launcher, processGroups, mark } = setUp();
    const released: string[] = [];
    const held = (fd: number, name: string) => ({ fd, release: () => void released.push(name) });
    const ends = { stdin: held(0, 'stdin'), stdout: held(2, 'stdout'), joinsStderr: true };
    const told = new Promise<void>((resolve) => {
      const done = (): void => resolve();
      const request = { runId: `${mark}web.1:1:`, script: SCRIPTS.live, root, env: {}, ends };
      launcher.launch(request, { spawned: done, refused: done, exited: done });
    });
    await told;
    expect(released).toEqual(['stdin', 'stdout']);
    processGroups.signalMarked(mark, 'SIGKILL');
  });

  describe('a process group', () => {
    test('has a group while its program lives, and none when nothing is left', async () => {
      const { launch, comes, processGroups } = setUp();
      const { told, processGroup } = launch(SCRIPTS.live);
      expect(processGroups.presenceOf(processGroup)).toEqual({ is: 'living' });
      processGroups.signal(processGroup, 'SIGKILL', 'group');
      expect(await comes(() => told.length === 2)).toBe(true);
      expect(processGroups.presenceOf(processGroup)).toEqual({ is: 'gone' });
    });

    test('has a group as long as a job of its program lives', async () => {
      const { launch, comes, processGroups } = setUp();
      const { told, processGroup, runId } = launch(SCRIPTS.leaveJob);
      expect(await comes(() => told.length === 2)).toBe(true);
      expect(processGroups.presenceOf(processGroup)).toEqual({ is: 'living' });
      expect(processGroups.marked(runId).pids).toHaveLength(1);
      processGroups.signal(processGroup, 'SIGTERM', 'group');
      expect(await comes(() => processGroups.presenceOf(processGroup).is === 'gone')).toBe(true);
      expect(processGroups.marked(runId).pids).toEqual([]);
    });

    test('is signalled alone', async () => {
      const { launch, comes, processGroups } = setUp();
      const [one, other] = [launch(SCRIPTS.live), launch(SCRIPTS.live, { run: 2 })];
      processGroups.signal(one.processGroup, 'SIGTERM', 'all');
      expect(await comes(() => one.told.length === 2)).toBe(true);
      expect(other.told).toEqual(['spawned']);
      expect(processGroups.presenceOf(other.processGroup)).toEqual({ is: 'living' });
    });

    test('that has ended is signalled in vain', async () => {
      const { launch, comes, processGroups } = setUp();
      const { told, processGroup } = launch(SCRIPTS.fail);
      expect(await comes(() => told.length === 2)).toBe(true);
      processGroups.signal(processGroup, 'SIGTERM', 'all');
      expect(processGroups.presenceOf(processGroup)).toEqual({ is: 'gone' });
    });
  });

  test('what cannot be seen is neither found nor gone', async () => {
    const { launch, processGroups, blind, mark } = setUp();
    const { processGroup } = launch(SCRIPTS.live);
    const sees = await blind();
    expect(processGroups.presenceOf(processGroup)).toEqual({ is: 'unknown', why: 'EMFILE' });
    expect(processGroups.marked(mark)).toEqual({ pids: [], missed: 'EMFILE' });
    expect(processGroups.signalMarked(mark, 'SIGKILL')).toEqual({ pids: [], missed: 'EMFILE' });
    await sees();
    expect(processGroups.presenceOf(processGroup)).toEqual({ is: 'living' });
    expect(processGroups.marked(mark)).toEqual({ pids: [processGroup.pid], missed: null });
  });

  describe('whoever left the group', () => {
    const withStray = async () => {
      const world = setUp();
      const { processGroups } = world;
      const run = world.launch(SCRIPTS.leaveStray);
      const isComplete = () => (others() === (kind !== 'fake' ? 2 : 1) || all() === 3) && hasLeft();
      const all = () => processGroups.marked(run.runId).pids.length;
      const others = () => processGroups.marked(run.runId).pids.filter((pid) => pid !== run.pid).length;
      // Before that a signal to the group would reach it.
      const hasLeft = () =>
        processGroups.look(processGroups.marked(run.runId).pids).some(({ group }) => group !== run.pid);
      // A shell, its `sleep`, and the stray; without a shell the program and the stray.
      expect(await world.comes(isComplete)).toBe(true);
      return { ...world, run };
    };

    test('carries the mark of its run', async () => {
      const { processGroups, run, mark } = await withStray();
      expect(processGroups.marked(run.runId).pids).toContain(run.pid);
      expect(processGroups.marked(mark).pids).toEqual(processGroups.marked(run.runId).pids);
      expect(processGroups.marked(run.runId.replace(':1:', ':10:')).pids).toEqual([]);
    });

    test('does not hear what the group is told', async () => {
      const { processGroups, run, comes } = await withStray();
      processGroups.signal(run.processGroup, 'SIGKILL', 'group');
      expect(await comes(() => run.told.length === 2)).toBe(true);
      expect(await comes(() => processGroups.presenceOf(run.processGroup).is === 'gone')).toBe(true);
      // While a process replaces its program it has no environment for a moment.
      expect(await comes(() => processGroups.marked(run.runId).pids.length === 1)).toBe(true);
    });

    test('hears what all are told', async () => {
      const { processGroups, run, comes } = await withStray();
      processGroups.signal(run.processGroup, 'SIGTERM', 'all');
      expect(await comes(() => processGroups.marked(run.runId).pids.length === 0)).toBe(true);
    });

    test('is seen with its parent, its group and its start, which precedes the moment', async () => {
      const { processGroups, run } = await withStray();
      const seen = processGroups.look(processGroups.marked(run.runId).pids);
      const leader = seen.find(({ pid }) => pid === run.pid);
      const stray = seen.find(({ parent, group }) => parent === run.pid && group !== run.pid);
      expect(leader?.group).toBe(run.pid);
      expect(stray?.group).toBe(stray?.pid);
      expect(stray?.started).toBeGreaterThanOrEqual(leader?.started ?? Infinity);
      expect(stray?.started).toBeLessThanOrEqual(processGroups.now());
    });

    test('hears alone what it is told alone', async () => {
      const { processGroups, run, comes } = await withStray();
      const isStray = ({ group }: Seen) => group !== run.pid;
      const strays = () => processGroups.look(processGroups.marked(run.runId).pids).filter(isStray);
      expect(strays()).toHaveLength(1);
      for (const { pid } of strays()) processGroups.signalOne(pid, 'SIGTERM');
      expect(await comes(() => strays().length === 0)).toBe(true);
      expect(processGroups.presenceOf(run.processGroup)).toEqual({ is: 'living' });
    });

    test('hears what all of the mark are told', async () => {
      const { processGroups, run, comes, mark } = await withStray();
      processGroups.signalMarked(mark, 'SIGTERM');
      expect(await comes(() => processGroups.marked(run.runId).pids.length === 0)).toBe(true);
    });
  });
});
