/** Stories of a supervised pipeline: who is started, stopped and left alone, and when an end of a pipe is given up. */
import { describe, expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import {
  fleetSpec,
  newFleet,
  type FleetEffect,
  type FleetEvent,
  type MemberSpec,
  type OnExit,
} from '../../../src/core/fleet/state.ts';
import { stepFleet } from '../../../src/core/fleet/step.ts';
import type { ProcessEvent } from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS, type RestartMode } from '../../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';
import type { Verb } from '../../../src/core/fleet/tickets.ts';

const DRAIN_MS = 700;
const ok: Exit = { by: 'code', code: 0 };
const crash: Exit = { by: 'signal', signal: 'SIGKILL' };
const sigpipe: Exit = { by: 'signal', signal: 'SIGPIPE' };
const failure = (code: number): Exit => ({ by: 'code', code });

/** A pipeline of stages a, b and c, which are running. */
function running(mode: RestartMode = 'on-failure', onExit: OnExit = 'keep') {
  const names = ['a', 'b', 'c'];
  const pipeline = (stages: readonly string[]) =>
    fleetSpec(
      stages.map((name, index): MemberSpec => ({
        ...{ name, process: 'p', needs: [], readiness: 'started', ladder: stopLadder('SIGTERM', 5000) },
        restart: { ...RESTART_DEFAULTS, mode, delayMs: 0 },
        stage: { upstream: stages[index - 1] ?? null, downstream: stages[index + 1] ?? null },
        drainMs: DRAIN_MS,
      })),
      onExit,
    );
  let state = newFleet(pipeline(names));
  let tickets = 0;
  let now = 0;

  const send = (event: FleetEvent): readonly string[] => {
    const step = stepFleet(state, event, { now, random: 0 });
    state = step.state;
    return step.effects.flatMap(effectText);
  };
  const tell = (name: string, event: ProcessEvent) => send({ type: 'process', name, event });
  const processOf = (name: string) => state.members.get(name)?.process ?? expect.fail(`no ${name}`);

  const story = {
    ask: (verb: Verb, ...some: readonly string[]) =>
      send({ type: 'request', ticket: (tickets += 1), verb, names: some }),
    spawned: (...some: readonly string[]) =>
      some.flatMap((name) => tell(name, { type: 'spawned', run: processOf(name).run, pid: 100 })),
    exited: (name: string, exit: Exit = ok, survivors = false) =>
      tell(name, { type: 'exited', run: processOf(name).run, exit, survivors }),
    cleared: (name: string) => tell(name, { type: 'cleared', run: processOf(name).run }),
    timeIsOver: (name: string) => tell(name, { type: 'timer', timer: processOf(name).timer }),
    reform: (...stages: readonly string[]) => send({ type: 'reform', spec: pipeline(stages) }),
    close: () => send({ type: 'close', cause: { by: 'request' }, signal: 'SIGTERM' }),
    interrupt: () => {
      now += 1000;
      return send({ type: 'close', cause: { by: 'signal', signal: 'SIGINT' }, signal: 'SIGINT' });
    },
    phases: () => names.map((name) => processOf(name).phase.name).join(' '),
  };
  story.ask('start', ...names);
  story.spawned(...names);
  return story;
}

function effectText(effect: FleetEffect): readonly string[] {
  switch (effect.type) {
    case 'process': {
      const { name, effect: asked } = effect;
      if (asked.type === 'signal') return asked.signal === 'SIGCONT' ? [] : [`${asked.signal} ${name}`];
      if (asked.type === 'set-timer') return [`${name} has ${String(asked.ms)} ms`];
      return asked.type === 'spawn' ? [`spawn ${name}`] : [];
    }
    case 'end-writing':
      return [`nobody writes to ${effect.reader}`];
    case 'end-reading':
      return [`nobody reads for ${effect.reader}`];
    case 'settle':
      return effect.results.map(({ name, outcome }) => `${name} ${outcome}`);
    case 'finish':
      return [`finish ${String(effect.status)}`];
    case 'record':
    case 'dropped':
    case 'granted':
    case 'refused':
      return [];
  }
}

describe('a crash', () => {
  test.each(['a', 'b', 'c'])('of %s is its own affair', (name) => {
    const { exited, spawned, phases } = running();
    expect(exited(name, crash)).toEqual([`spawn ${name}`]);
    expect(spawned(name)).toEqual([]);
    expect(phases()).toBe('running running running');
  });

  test('for good ends the pipeline on both sides', () => {
    const { exited, phases } = running('never');
    expect(exited('b', failure(3))).toEqual(['nobody reads for b', 'nobody writes to c']);
    expect(exited('a', sigpipe)).toEqual(['nobody writes to b']);
    expect(exited('c')).toEqual(['nobody reads for c', 'finish 3']);
    expect(phases()).toBe('exited exited exited');
  });
});

describe('an end for good', () => {
  test('of the first: each reads the rest and hears of it in turn, even if it crashes meanwhile', () => {
    const { exited, spawned } = running();
    expect(exited('a')).toEqual(['nobody writes to b']);
    expect(exited('b', crash)).toEqual(['spawn b']);
    spawned('b');
    expect(exited('b')).toEqual(['nobody reads for b', 'nobody writes to c']);
    expect(exited('c')).toEqual(['nobody reads for c', 'finish 0']);
  });

  test('of the last: nobody before it is brought back', () => {
    const { exited } = running();
    expect(exited('c')).toEqual(['nobody reads for c']);
    expect(exited('b', sigpipe)).toEqual(['nobody reads for b', 'nobody writes to c']);
    expect(exited('a', failure(141))).toEqual(['nobody writes to b', 'finish 0']);
  });

  test('`always` brings back who ends while the others live, and nobody to read what nobody writes', () => {
    const { exited, spawned } = running('always');
    expect(exited('c')).toEqual(['spawn c']);
    for (let restarts = 0; restarts < 5; restarts += 1) {
      expect(exited('a')).toEqual(['spawn a']);
      spawned('a');
    }
    expect(exited('a')).toEqual(['nobody writes to b']);
    expect(exited('b')).toEqual(['nobody reads for b', 'nobody writes to c']);
  });

  test('`always` does not bring back who has read all either, when what it left behind is gone', () => {
    const { exited, spawned, cleared, phases } = running('always');
    for (let restarts = 0; restarts < 5; restarts += 1) {
      exited('a');
      spawned('a');
    }
    exited('a');
    expect(exited('b', ok, true)).toEqual(['SIGTERM b', 'b has 5000 ms']);
    expect(cleared('b')).toEqual(['nobody reads for b', 'nobody writes to c']);
    expect(phases()).toBe('failed exited running');
  });

  test('of all is one end, decided by the rightmost stage that failed', () => {
    const { exited } = running('never', 'stop');
    exited('a', failure(4));
    exited('b', failure(5));
    expect(exited('c')).toEqual(['nobody reads for c', 'finish 5']);
  });
});

describe('a stop', () => {
  test('of all goes from first to last, and each may read what is left', () => {
    const { close, exited, phases } = running();
    expect(close()).toEqual(['SIGTERM a', 'a has 5000 ms']);
    expect(exited('a', crash)).toEqual(['b has 700 ms', 'nobody writes to b']);
    expect(exited('b')).toEqual(['c has 700 ms', 'nobody reads for b', 'nobody writes to c']);
    expect(phases()).toBe('idle exited running');
    expect(exited('c')).toEqual(['nobody reads for c', 'finish 0']);
  });

  test('takes who has not ended by itself when its time is over', () => {
    const { close, exited, timeIsOver } = running();
    close();
    exited('a', crash);
    expect(timeIsOver('b')).toEqual(['SIGTERM b', 'b has 5000 ms']);
    expect(exited('b', crash)).toEqual(['c has 700 ms', 'nobody reads for b', 'nobody writes to c']);
  });

  test('in a hurry waits for nobody, of who is just being started either', () => {
    const { interrupt, exited, spawned } = running();
    exited('b', crash);
    interrupt();
    expect(interrupt()).toContain('SIGKILL c');
    expect(spawned('b')).toEqual(['SIGINT b', 'b has 5000 ms']);
  });

  test('of one stage gives nothing up; nor does its start', () => {
    const { ask, exited, spawned } = running();
    expect(ask('stop', 'b')).toEqual(['SIGTERM b', 'b has 5000 ms']);
    expect(exited('b', crash)).toEqual(['b stopped']);
    expect(exited('c', crash)).toEqual(['spawn c']);
    expect(spawned('c')).toEqual([]);
    expect(ask('start', 'b')).toEqual(['spawn b']);
    expect(spawned('b')).toEqual(['b running']);
  });

  test('of the last two drains what the first has written, and leaves the first to its full pipe', () => {
    const { ask, exited } = running();
    expect(ask('stop', 'b', 'c')).toEqual(['SIGTERM b', 'b has 5000 ms']);
    expect(exited('b', crash)).toEqual(['c has 700 ms', 'nobody writes to c']);
    expect(exited('c')).toEqual(['nobody reads for c', 'b stopped', 'c stopped']);
  });

  test('of the first two, one of which reads to the end first, leaves the last to wait for another start', () => {
    const { ask, exited, spawned, phases } = running();
    expect(ask('stop', 'a', 'b')).toEqual(['SIGTERM a', 'a has 5000 ms']);
    expect(exited('a', crash)).toEqual(['b has 700 ms', 'nobody writes to b']);
    expect(exited('b')).toEqual(['nobody reads for b', 'a stopped', 'b stopped']);
    expect(phases()).toBe('idle exited running');
    expect(ask('start', 'a', 'b')).toEqual(['spawn a', 'spawn b']);
    expect(spawned('a', 'b')).toEqual(['a running', 'b running']);
  });

  test('of a stage that has ended by itself changes nothing for its reader', () => {
    const { ask, exited } = running('on-failure');
    expect(exited('a')).toEqual(['nobody writes to b']);
    expect(ask('stop', 'a')).toEqual(['a stopped']);
    expect(exited('b')).toEqual(['nobody reads for b', 'nobody writes to c']);
  });

  test('that is taken back while a stage reads the rest: the stage is restarted, for it would end', () => {
    const { ask, exited } = running();
    ask('stop', 'a', 'b', 'c');
    exited('a', crash);
    const again = ask('start', 'a', 'b', 'c');
    expect(again).toContain('SIGTERM b');
    expect(again).toContain('spawn a');
    expect(exited('b', crash)).toContain('spawn b');
  });

  test('after the last has failed for good', () => {
    const { ask, exited, phases } = running('never');
    exited('c', crash);
    ask('stop', 'a', 'b', 'c');
    exited('a', crash);
    expect(exited('b')).toEqual([
      'nobody reads for b',
      'nobody writes to c',
      'c stopped',
      'a stopped',
      'b stopped',
    ]);
    expect(phases()).toBe('idle exited exited');
  });
});

test('a restart of the whole gives nothing up: what was written is read by the next runs', () => {
  const { ask, exited, spawned } = running();
  expect(ask('restart', 'a', 'b', 'c').filter((effect) => effect.startsWith('SIG'))).toEqual([
    'SIGTERM c',
    'SIGTERM b',
    'SIGTERM a',
  ]);
  expect(exited('a', crash)).toEqual(['spawn a']);
  expect(exited('b', crash)).toEqual(['spawn b']);
  expect(exited('c', crash)).toEqual(['spawn c']);
  expect(spawned('a', 'b', 'c')).toEqual(['a running', 'b running', 'c running']);
});

describe('a stage that leaves the middle', () => {
  test('reads what is left of a writer that is down, though that writes to another one now', () => {
    const { ask, exited, reform } = running();
    ask('stop', 'a');
    exited('a', crash);
    expect(reform('a', 'c')).toEqual(['b has 700 ms', 'nobody writes to b']);
    expect(exited('b')).toEqual(['nobody reads for b']);
  });

  test('after its writer has ended for good: the one behind it hears that nobody writes', () => {
    const { exited, reform } = running();
    expect(exited('a')).toEqual(['nobody writes to b']);
    expect(reform('a', 'c')).toContain('nobody writes to c');
  });
});
