import { describe, expect, test } from 'vitest';
import { createEarlierRuns } from '../../src/runtime/earlier-runs.ts';
import { createStopSignals } from '../../src/runtime/stop-signals.ts';
import { createFakeWorld, SCRIPTS, type FakeProgram } from '../helpers/fake-world.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const GRACE_MS = 3000;

function setUp({ lookMs = 0 } = {}) {
  const clock = createVirtualClock();
  const world = createFakeWorld();
  const told: string[] = [];
  const alive = new Set<string>();
  const unseen: number[][] = [];
  let looks = 0;
  const earlier = createEarlierRuns({
    runTag: 'M:',
    processGroups: {
      ...world.processGroups,
      carriers(runTag, without) {
        looks += 1;
        unseen.push([...without]);
        clock.advance(lookMs);
        return world.processGroups.carriers(runTag, without);
      },
    },
    stopSignals: createStopSignals(world.processGroups),
    clock,
    graceMs: () => GRACE_MS,
    isAlive: (name) => alive.has(name),
    record: (name, fact) => told.push(`${name} ${fact.type}${'pid' in fact ? ` ${String(fact.pid)}` : ''}`),
  });
  const nothing = { spawned: () => undefined, refused: () => undefined, exited: () => undefined };
  /** A run that has ended, and what it has left in a session of its own. */
  const daemonOf = (name: string): { readonly leader: number; readonly daemon: FakeProgram } => {
    const request = { runId: `M:${name}:1:`, script: SCRIPTS.live, root: '/', env: {} };
    world.launcher.launch(request, nothing);
    const leader = world.programs.at(-1);
    if (leader === undefined) throw new Error('it was not launched');
    earlier.begin(name, leader.pid);
    const daemon = leader.leave('apart');
    leader.exit({ by: 'code', code: 0 });
    earlier.end(leader.pid);
    return { leader: leader.pid, daemon };
  };
  const clear = (name: string) => {
    const state = { isCleared: false };
    earlier.clear(name, () => (state.isCleared = true));
    return state;
  };
  /** Lets what was promised happen as well. */
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 20) {
      clock.advance(20);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
  };
  return { ...{ clock, world, told, alive, earlier, daemonOf, clear, pass, unseen }, looks: () => looks };
}

describe('before a run', () => {
  test('that is the first one nobody looks', () => {
    const { clear, looks } = setUp();
    expect(clear('a.1').isCleared).toBe(true);
    expect(looks()).toBe(0);
  });

  test('after which nothing was left there is no delay', () => {
    const { clear, earlier, looks } = setUp();
    earlier.begin('a.1', 1);
    earlier.end(1);
    expect(clear('a.1').isCleared).toBe(true);
    expect(looks()).toBe(1);
  });

  test('the first process of a run that lives is not looked at, until its end is told', () => {
    const { earlier, clear, unseen } = setUp();
    earlier.begin('a.1', 1);
    earlier.begin('b.1', 2);
    earlier.end(1);
    clear('a.1');
    expect(unseen).toEqual([[2]]);
  });

  test('what earlier ones have left is asked to stop once, and waited for', async () => {
    const { clear, daemonOf, pass, told } = setUp();
    const { daemon } = daemonOf('a.1');
    const { daemon: other } = daemonOf('b.1');
    daemon.ignore('SIGTERM');
    const one = clear('a.1');
    const another = clear('a.1');
    await pass(GRACE_MS / 2);
    expect(daemon.signals).toEqual(['SIGTERM', 'SIGCONT']);
    expect(one.isCleared).toBe(false);
    daemon.exit({ by: 'code', code: 0 });
    await pass(100);
    expect([one.isCleared, another.isCleared]).toEqual([true, true]);
    expect(told).toEqual(['a.1 clearing']);
    expect(other.signals).toEqual([]);
  });

  test('what does not stop is killed', async () => {
    const { clear, daemonOf, pass } = setUp();
    const { daemon } = daemonOf('a.1');
    daemon.ignore('SIGTERM');
    const one = clear('a.1');
    await pass(GRACE_MS + 200);
    expect(daemon.signals).toEqual(['SIGTERM', 'SIGCONT', 'SIGKILL']);
    expect(one.isCleared).toBe(true);
  });

  test('a hundred share a look, and looking takes a fourth of the time at most', async () => {
    const { clear, earlier, pass, looks } = setUp({ lookMs: 5 });
    const names = Array.from({ length: 100 }, (_, at) => `a.${String(at)}`);
    for (const name of names) earlier.begin(name, 1);
    const all = names.map(clear);
    expect(looks()).toBe(1);
    expect(all.filter(({ isCleared }) => isCleared)).toHaveLength(1);
    await pass(40);
    expect(looks()).toBe(2);
    expect(all.every(({ isCleared }) => isCleared)).toBe(true);
  });
});

describe('on a stop', () => {
  test('what an instance that has ended left is stopped, with one look for all', async () => {
    const { earlier, daemonOf, pass, looks } = setUp();
    const daemons = ['a.1', 'b.1'].map((name) => daemonOf(name).daemon);
    let isDone = false;
    void earlier.clearStopped(['a.1', 'b.1', 'never.1']).then(() => (isDone = true));
    expect(looks()).toBe(1);
    await pass(100);
    expect(isDone).toBe(true);
    expect(daemons.map(({ isAlive }) => isAlive)).toEqual([false, false]);
  });

  test('what runs again is left alone, and what is to run again waits', async () => {
    const { earlier, alive, daemonOf, clear, pass } = setUp();
    const { daemon } = daemonOf('a.1');
    alive.add('a.1');
    await earlier.clearStopped(['a.1']);
    expect(daemon.signals).toEqual([]);
    alive.clear();
    daemon.ignore('SIGTERM');
    void earlier.clearStopped(['a.1']);
    const start = clear('a.1');
    await pass(100);
    expect(start.isCleared).toBe(false);
    await pass(GRACE_MS);
    expect([daemon.isAlive, start.isCleared]).toEqual([false, true]);
  });

  test('what an instance left that is no member any more is stopped', async () => {
    const { earlier, daemonOf, pass } = setUp();
    const { daemon } = daemonOf('a.1');
    earlier.forget('a.1');
    await pass(100);
    expect(daemon.isAlive).toBe(false);
  });
});

describe('a daemon', () => {
  test('is told, and left alone; many that end share a look', async () => {
    const { earlier, daemonOf, pass, told, looks } = setUp();
    const { leader, daemon } = daemonOf('a.1');
    earlier.suspect('a.1', leader, 'soon');
    for (let at = 0; at < 1000; at += 1) earlier.suspect(`quick.${String(at)}`, 10_000 + at, 'soon');
    expect(looks()).toBe(0);
    await pass(1000);
    expect(told).toEqual([`a.1 daemonized ${String(daemon.pid)}`]);
    expect(looks()).toBe(1);
    expect(daemon.signals).toEqual([]);
  });

  test('is none while it is in the session of its program', async () => {
    const { earlier, daemonOf, pass, told } = setUp();
    const { daemon } = daemonOf('a.1');
    earlier.suspect('a.1', daemon.pid, 'soon');
    await pass(1000);
    expect(told).toEqual([]);
  });

  test('is told before it is stopped for a successor, or by the end of all', async () => {
    const { earlier, clock, daemonOf, clear, pass, told } = setUp();
    const [a, b] = [daemonOf('a.1'), daemonOf('b.1')];
    earlier.suspect('a.1', a.leader, 'soon');
    clear('a.1');
    expect(told).toEqual([`a.1 daemonized ${String(a.daemon.pid)}`, 'a.1 clearing']);
    earlier.suspect('b.1', b.leader, 'soon');
    earlier.tellSuspects();
    expect(told.slice(2)).toEqual([`b.1 daemonized ${String(b.daemon.pid)}`]);
    await pass(1000);
    expect(told).toHaveLength(3);
    expect(clock.timerCount).toBe(0);
  });
});

describe('at the end of all nothing is left for certain', () => {
  const none = 10_000;

  test('where a look has found nothing', () => {
    const { earlier, looks } = setUp();
    earlier.suspect('a.1', none, 'soon');
    expect(earlier.tellSuspects()).toBe(true);
    expect(looks()).toBe(1);
  });

  test('but not while a first process lives, which is not looked at', () => {
    const { earlier } = setUp();
    earlier.begin('b.1', 1);
    earlier.suspect('a.1', none, 'soon');
    expect(earlier.tellSuspects()).toBe(false);
  });

  test('but not where nobody has looked', () => {
    const { earlier, looks } = setUp();
    expect(earlier.tellSuspects()).toBe(false);
    expect(looks()).toBe(0);
  });

  test('but not where a look has found something', () => {
    const { earlier, daemonOf } = setUp();
    const { leader } = daemonOf('a.1');
    earlier.suspect('a.1', leader, 'soon');
    expect(earlier.tellSuspects()).toBe(false);
  });

  test('but not where a look has not seen all', () => {
    const { earlier, world } = setUp();
    earlier.suspect('a.1', none, 'soon');
    world.blind('EMFILE');
    expect(earlier.tellSuspects()).toBe(false);
  });
});
