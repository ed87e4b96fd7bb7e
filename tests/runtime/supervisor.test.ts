/** The supervisor with the whole fleet and a world of fakes: what it does, told as histories. */
import { NO_CHECKS } from '../helpers/no-checks.ts';
import { NO_POOLS } from '../helpers/no-pools.ts';
import { NO_TERMINALS } from '../helpers/no-terminals.ts';
import { describe, expect, test } from 'vitest';
import type { Event, Verb } from '../../src/core/events.ts';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import { fleetSpec, type Cause, type OnExit } from '../../src/core/fleet/state.ts';
import { RESTART_DEFAULTS, type RestartPolicy } from '../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../src/core/process/stop-ladder.ts';
import { createStopSignals } from '../../src/runtime/stop-signals.ts';
import { createSupervisor } from '../../src/runtime/supervisor.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import { createFakeLinks } from '../helpers/fake-links.ts';
import { createFakeWorld, type FakeProgram } from '../helpers/fake-world.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const GRACE_MS = 5000;

interface Options {
  readonly names?: readonly string[];
  readonly restart?: Partial<RestartPolicy>;
  readonly onExit?: OnExit;
  /** Somebody still holds the pipe of a process that has ended. */
  readonly pipesAreHeld?: boolean;
  /** Telling of the start of these throws. */
  readonly cursed?: readonly string[];
}

function setUp({
  names = ['a.1'],
  restart = {},
  onExit = 'stop',
  pipesAreHeld = false,
  cursed = [],
}: Options = {}) {
  const history: string[] = [];
  const events: Event[] = [];
  const changes: (readonly string[])[] = [];
  const clock = createVirtualClock();
  const world = createFakeWorld((line) => history.push(line));
  const traits = {
    needs: [],
    readiness: 'started',
    ladder: stopLadder('SIGTERM', GRACE_MS),
    restart: { ...RESTART_DEFAULTS, delayMs: 0, ...restart },
  } as const;
  const instances = names.map((name, index) => instance(name, index));
  const specOf = (some: readonly string[]) =>
    fleetSpec(
      some.map((name) => ({ name, process: name.split('.')[0] ?? '', ...traits })),
      onExit,
    );
  const supervisor = createSupervisor({
    spec: specOf(names),
    instances,
    root: '/',
    runTag: 'M:',
    launcher: world.launcher,
    processGroups: world.processGroups,
    stopSignals: createStopSignals(world.processGroups),
    guard: world.guard,
    links: createFakeLinks((line) => history.push(line)),
    inputs: { attach: () => () => undefined },
    terminals: NO_TERMINALS,
    checks: NO_CHECKS,
    pools: NO_POOLS,
    output: {
      attach: (_fd, { name }) => ({
        finish(done) {
          history.push(`last words of ${name}`);
          done(!pipesAreHeld);
        },
      }),
      attachHook: () => ({ finish: (done) => done(true) }),
    },
    clock,
    random: () => 0,
    on: {
      record(event) {
        events.push(event);
        if (event.type === 'started' && cursed.includes(event.name)) throw new Error(`cursed: ${event.name}`);
        if (event.type !== 'requested')
          history.push('name' in event ? `${event.name} ${event.type}` : event.type);
      },
      finished: (status) => history.push(`finished: ${String(status)}`),
      changed: (some) => changes.push(some),
    },
  });
  const ask = async (verb: Verb, some: readonly string[] = names): Promise<string> => {
    const results = await supervisor.ask(verb, some, { by: 'library' });
    return results.map(({ name, outcome, pid }) => `${name} ${outcome} ${String(pid)}`).join(', ');
  };
  return {
    ...world,
    clock,
    supervisor,
    /** What has happened since it was last asked. */
    news: () => history.splice(0),
    ask,
    start: () => void supervisor.ask('start', names, { by: 'start' }).catch(() => undefined),
    events,
    stop: (signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM') => {
      const cause: Cause = { by: 'signal', signal };
      supervisor.send({ type: 'close', cause, signal });
    },
    changes: () => changes.splice(0),
    /** Changes the members; the scripts of all are new, and so is the root. */
    reform: (wanted: readonly string[]) => {
      const plan = wanted.map((name, index) => ({ ...instance(name, index), script: `new ${name}` }));
      supervisor.reform(specOf(wanted), plan, '/new');
    },
    latest: (): FakeProgram => {
      const program = world.programs.at(-1);
      if (program === undefined) throw new Error('nothing was launched');
      return program;
    },
  };
}

function instance(name: string, index: number): InstanceSpec {
  const stage = { ...ALONE, joinsStderr: false };
  return fakeInstance(name, {
    ...{ index, command: name, script: name, env: { PS: name } },
    ...(name === STAGE && { stage }),
  });
}

const STAGE = 'q/1';
const ALONE = { upstream: null, downstream: null };

describe('a start', () => {
  test('launches every instance in its order, guards it, and answers', async () => {
    const { ask, news, programs } = setUp({ names: ['a.1', 'b.1'] });
    const answered = ask('start');
    expect(news()).toEqual(['guard 100', 'guard 101', 'a.1 started', 'b.1 started']);
    expect(await answered).toBe('a.1 running 100, b.1 running 101');
    expect(programs.map(({ request }) => request)).toEqual([
      { runId: 'M:a.1:1:', script: 'a.1', root: '/', env: { PS: 'a.1' } },
      { runId: 'M:b.1:1:', script: 'b.1', root: '/', env: { PS: 'b.1' } },
    ]);
  });

  test('is told before what comes of it, with its cause', async () => {
    const { supervisor, events } = setUp({ names: ['a.1', 'b.1'] });
    const cause = { by: 'request', client: { command: 'procsup start', pid: 4711 } } as const;
    await supervisor.ask('start', ['a.1', 'b.1'], cause);
    expect(events).toEqual([
      { type: 'requested', verb: 'start', names: ['a.1', 'b.1'], cause },
      { type: 'started', name: 'a.1', run: 1, pid: 100 },
      { type: 'started', name: 'b.1', run: 1, pid: 101 },
    ]);
  });

  test('of nothing is no event', async () => {
    const { ask, events } = setUp();
    expect(await ask('start', [])).toBe('');
    expect(events).toEqual([]);
  });

  test('of many leaves turns for others', () => {
    const names = Array.from({ length: 20 }, (_, at) => `p.${at + 1}`);
    const { start, programs, clock } = setUp({ names });
    start();
    expect(programs).toHaveLength(8);
    clock.advance(0);
    expect(programs.length).toBeGreaterThan(8);
    while (clock.runNext());
    expect(programs.map(({ request }) => request.script)).toEqual(names);
  });

  test('of a stage has its pipes when it is decided, not when its turn comes', () => {
    const names = [...Array.from({ length: 8 }, (_, at) => `p.${at + 1}`), STAGE];
    const { start, news, clock } = setUp({ names });
    start();
    const pipes = (): readonly string[] => news().filter((line) => line.endsWith(STAGE));
    expect(pipes()).toEqual([`pipes for ${STAGE}`]);
    clock.advance(0);
    expect(pipes()).toEqual([`open ${STAGE}`]);
  });

  test('that is refused ends the run', async () => {
    const { ask, refuse, news, guarded } = setUp();
    refuse({ by: 'refusal', error: 'ENOENT', message: 'no such directory' });
    const answered = ask('start');
    expect(news()).toEqual(['a.1 refused', 'closing', 'finished: 127']);
    expect(await answered).toBe('a.1 ended null');
    expect(guarded.size).toBe(0);
  });

  test('that is refused is tried again under the policy', async () => {
    const { ask, refuse, news, clock } = setUp({ restart: { mode: 'on-failure', delayMs: 500 } });
    refuse({ by: 'refusal', error: 'EAGAIN', message: 'no more processes' });
    const answered = ask('start');
    expect(news()).toEqual(['a.1 refused', 'a.1 restarting']);
    refuse(null);
    clock.advance(499);
    expect(news()).toEqual([]);
    clock.advance(1);
    expect(news()).toEqual(['guard 100', 'a.1 started']);
    expect(await answered).toBe('a.1 running 100');
  });
});

describe('the end of a program', () => {
  test('is told after its last words, and ends the run', () => {
    const { start, latest, turn, news, guarded } = setUp();
    start();
    news();
    latest().exit({ by: 'code', code: 3 });
    turn();
    expect(news()).toEqual(['last words of a.1', 'unguard 100', 'a.1 exited', 'closing', 'finished: 3']);
    expect(guarded.size).toBe(0);
  });

  test('stops the others', () => {
    const { start, programs, turn, news } = setUp({ names: ['a.1', 'b.1'] });
    start();
    news();
    programs[0]?.exit({ by: 'code', code: 3 });
    turn();
    expect(news()).toEqual([
      ...['last words of a.1', 'unguard 100', 'a.1 exited', 'closing', 'SIGTERM to 101', 'SIGCONT to 101'],
    ]);
    turn();
    expect(news()).toEqual(['last words of b.1', 'unguard 101', 'b.1 exited', 'finished: 3']);
  });

  test('with a job left behind: the job is ended before a successor starts, and guarded until then', () => {
    const { start, latest, turn, news, clock, guarded } = setUp({ restart: { mode: 'always' } });
    start();
    news();
    const program = latest();
    const job = program.leave('group');
    job.ignore('SIGTERM');
    program.exit({ by: 'code', code: 1 });
    turn();
    expect(news()).toEqual([
      ...['last words of a.1', 'a.1 exited', 'a.1 clearing', 'SIGTERM to 100', 'SIGCONT to 100'],
    ]);
    clock.advance(GRACE_MS - 1);
    expect(news()).toEqual([]);
    expect([...guarded]).toEqual([100]);
    clock.advance(1);
    expect(news()).toEqual(['a.1 killing', 'SIGKILL to all of 100']);
    expect(job.isAlive).toBe(false);
    clock.advance(100);
    // What the job wrote at its end as well.
    expect(news()).toEqual([
      ...['last words of a.1', 'unguard 100', 'a.1 restarting', 'guard 102', 'a.1 started'],
    ]);
  });

  test('is followed by a search for those who left, if somebody holds its pipe', () => {
    const { start, latest, turn, news, clock } = setUp({ pipesAreHeld: true });
    start();
    news();
    const program = latest();
    const stray = program.leave('apart');
    program.exit({ by: 'code', code: 0 });
    turn();
    // It gets a moment to close the pipe, as a program that makes itself a daemon does.
    expect(news()).toEqual(['last words of a.1']);
    clock.advance(155);
    const told = ['last words of a.1', 'a.1 daemonized', 'a.1 exited', 'a.1 clearing'];
    expect([...new Set(news())].slice(0, 4)).toEqual(told);
    expect(stray.isAlive).toBe(false);
    clock.advance(5);
    expect(news()).toEqual(['last words of a.1', 'unguard 100', 'closing', 'finished: 0']);
  });

  test('brings a successor at once where the delay is nothing', () => {
    const { start, latest, turn, news } = setUp({ restart: { mode: 'always' } });
    start();
    news();
    latest().exit({ by: 'code', code: 0 });
    turn();
    expect(news()).toEqual([
      ...['last words of a.1', 'unguard 100', 'a.1 exited', 'a.1 restarting', 'guard 101', 'a.1 started'],
    ]);
    expect(latest().request.runId).toBe('M:a.1:2:');
  });
});

describe('a stop', () => {
  test('passes the signal on, and gives what is stopped a chance to hear it', () => {
    const { start, stop, turn, news } = setUp();
    start();
    news();
    stop('SIGINT');
    expect(news()).toEqual(['closing', 'SIGINT to 100', 'SIGCONT to 100']);
    turn();
    expect(news()).toEqual(['last words of a.1', 'unguard 100', 'a.1 exited', 'finished: 0']);
  });

  test('kills when the grace is over, and that is no success', () => {
    const { start, stop, latest, turn, news, clock } = setUp();
    start();
    latest().ignore('SIGTERM');
    stop();
    news();
    clock.advance(GRACE_MS - 1);
    expect(news()).toEqual([]);
    clock.advance(1);
    expect(news()).toEqual(['a.1 killing', 'SIGKILL to 100']);
    turn();
    expect(news()).toEqual(['last words of a.1', 'unguard 100', 'a.1 exited', 'finished: 137']);
    expect(clock.timerCount).toBe(0);
  });

  test('by a second Ctrl-C kills at once', () => {
    const { start, stop, latest, turn, news, clock } = setUp();
    start();
    latest().ignore('SIGINT');
    stop('SIGINT');
    news();
    clock.advance(249);
    stop('SIGINT');
    expect(news()).toEqual([]);
    clock.advance(1);
    stop('SIGINT');
    expect(news()).toEqual(['hurried', 'a.1 killing', 'SIGKILL to 100']);
    turn();
    expect(news().at(-1)).toBe('finished: 130');
  });

  test('takes back a launch that still waits for its turn', () => {
    const names = Array.from({ length: 10 }, (_, at) => `p.${at + 1}`);
    const { start, stop, turn, news, clock, programs } = setUp({ names });
    start();
    stop();
    turn();
    while (clock.runNext()) turn();
    expect(programs.every(({ isAlive }) => !isAlive)).toBe(true);
    expect(news().at(-1)).toBe('finished: 0');
  });
});

test('a signal that is forwarded reaches what runs, and changes nothing', () => {
  const { start, supervisor, programs, news } = setUp({ names: ['a.1', 'b.1'] });
  start();
  programs[0]?.ignore('SIGUSR1');
  programs[1]?.ignore('SIGUSR1');
  news();
  supervisor.send({ type: 'forward', signal: 'SIGUSR1' });
  expect(news()).toEqual(['SIGUSR1 to 100', 'SIGUSR1 to 101']);
  expect(programs.map(({ isAlive }) => isAlive)).toEqual([true, true]);
});

test('a restart on request stops and starts, and answers with the new pid', async () => {
  const { start, ask, turn, news } = setUp();
  start();
  news();
  const answered = ask('restart');
  expect(news()).toEqual(['SIGTERM to 100', 'SIGCONT to 100']);
  turn();
  expect(news()).toEqual([...['last words of a.1', 'unguard 100', 'a.1 exited', 'guard 101', 'a.1 started']]);
  expect(await answered).toBe('a.1 running 101');
});

test('five restarts in a minute are all there are', () => {
  const { start, latest, turn, news, programs } = setUp({ restart: { mode: 'on-failure' } });
  start();
  for (let at = 0; at < 6; at += 1) {
    latest().exit({ by: 'code', code: 6 });
    turn();
  }
  expect(programs).toHaveLength(6);
  expect(news().slice(-3)).toEqual(['a.1 gave-up', 'closing', 'finished: 6']);
});

describe('a reform', () => {
  const running = () => {
    const supervised = setUp({ names: ['a.1', 'b.1'], onExit: 'keep' });
    supervised.start();
    supervised.news();
    return supervised;
  };

  test('counts from the next spawn of each', async () => {
    const { reform, ask, turn, programs } = running();
    reform(['a.1', 'b.1', 'c.1']);
    expect(programs.map(({ isAlive }) => isAlive)).toEqual([true, true]);
    const answered = [ask('restart', ['a.1']), ask('start', ['c.1'])];
    turn();
    expect(await Promise.all(answered)).toEqual(['a.1 running 103', 'c.1 running 102']);
    const { script, root } = programs.at(-1)?.request ?? {};
    expect({ script, root }).toEqual({ script: 'new a.1', root: '/new' });
  });

  test('keeps what is known of those who leave until they are gone', () => {
    const { reform, supervisor, turn } = running();
    reform(['c.1', 'b.1']);
    expect([...supervisor.instances.keys()]).toEqual(['c.1', 'b.1', 'a.1']);
    expect(supervisor.instances.get('a.1')?.script).toBe('a.1');
    turn();
    expect([...supervisor.instances.keys()]).toEqual(['c.1', 'b.1']);
    expect([...supervisor.state.members.keys()]).toEqual(['c.1', 'b.1']);
  });

  test('lets a launch that waits for its turn be, and ends it', () => {
    const names = Array.from({ length: 10 }, (_, at) => `p.${at + 1}`);
    const { start, reform, turn, clock, programs, supervisor } = setUp({ names });
    start();
    reform([]);
    turn();
    while (clock.runNext()) turn();
    expect(programs).toHaveLength(10);
    expect(programs.every(({ isAlive }) => !isAlive)).toBe(true);
    expect(supervisor.state.members.size).toBe(0);
  });

  test('after the end changes nothing', () => {
    const { reform, stop, turn, supervisor } = running();
    stop();
    turn();
    reform(['c.1']);
    expect([...supervisor.instances.keys()]).toEqual(['a.1', 'b.1']);
  });
});

test('a request is answered after the end as well', async () => {
  const { start, stop, ask, turn } = setUp();
  start();
  stop();
  turn();
  expect(await ask('stop')).toBe('a.1 stopped null');
  expect(await ask('start')).toBe('a.1 superseded null');
});

test('after every step the names of those that it has changed are told, when all that came of it is done', () => {
  const { start, changes, latest, turn } = setUp({ onExit: 'keep' });
  start();
  expect(changes()).toEqual([['a.1'], ['a.1']]);
  latest().exit({ by: 'code', code: 0 });
  turn();
  expect(changes()).toEqual([['a.1']]);
});

describe('a defect of ours', () => {
  const names = ['a.1', 'b.1', 'c.1'];

  test('fails the request that it happens in, and everything else is done all the same', async () => {
    const { ask, news, programs, stop, turn } = setUp({ names, cursed: ['b.1'], onExit: 'keep' });
    await expect(ask('start')).rejects.toThrow('cursed: b.1');
    expect(programs).toHaveLength(3);
    expect(news()).toEqual(['guard 100', 'guard 101', 'guard 102', 'a.1 started', 'c.1 started']);
    expect(await ask('start')).toBe('a.1 running 100, b.1 running 101, c.1 running 102');
    stop();
    turn();
    expect(news().at(-1)).toBe('finished: 0');
  });

  test('goes to whatever brings the event, for the handler of uncaught errors', () => {
    const { start, stop, latest, turn, clock, news } = setUp({
      ...{ names: ['a.1'], cursed: ['a.1'], onExit: 'keep' },
      restart: { mode: 'always', delayMs: 500 },
    });
    expect(start).not.toThrow();
    latest().exit({ by: 'code', code: 1 });
    turn();
    expect(() => clock.advance(500)).toThrow('cursed: a.1');
    stop();
    turn();
    expect(news().at(-1)).toBe('finished: 0');
  });

  test('does not hide another', async () => {
    const { ask } = setUp({ names, cursed: names, onExit: 'keep' });
    const failure: unknown = await ask('start').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors.map(String)).toEqual(
      names.map((name) => `Error: cursed: ${name}`),
    );
  });
});
