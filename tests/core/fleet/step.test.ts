/** Stories of several processes: what the fleet asks for, event by event. The random ones are in tests/simulation. */
import { describe, expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import {
  fleetSpec,
  newFleet,
  type Cause,
  type FleetEffect,
  type FleetEvent,
  type MemberSpec,
  type Need,
  type OnExit,
} from '../../../src/core/fleet/state.ts';
import { stepFleet } from '../../../src/core/fleet/step.ts';
import type { ProcessEvent } from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS, type RestartPolicy } from '../../../src/core/process/restart-policy.ts';
import type { SignalName } from '../../../src/core/process/signals.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';
import type { Verb } from '../../../src/core/fleet/tickets.ts';

const failed: Exit = { by: 'code', code: 4 };
const ok: Exit = { by: 'code', code: 0 };

/** `web db:ready init:succeeded` is a process and its needs. */
function setUp(
  lines: readonly string[],
  onExit: OnExit = 'stop',
  instances = 1,
  resident = false,
  mode: RestartPolicy['mode'] = 'never',
) {
  const members = lines.flatMap((line) => membersOf(line, instances, mode, lines));
  const spec = fleetSpec(members, onExit, resident);
  let state = newFleet(spec);
  let now = 0;
  let pid = 100;

  const send = (event: FleetEvent): readonly string[] => {
    const step = stepFleet(state, event, { now, random: 0 });
    state = step.state;
    return step.effects.flatMap((effect) => effectText(effect));
  };
  const tell = (name: string, event: ProcessEvent) => send({ type: 'process', name, event });
  const run = (name: string) => state.members.get(name)?.process.run ?? 0;

  return {
    send,
    pass: (ms: number) => void (now += ms),
    names: () => members.map(({ name }) => name),
    phases: () => [...state.members].map(([name, { process }]) => `${name} ${process.phase.name}`).join(', '),
    ask: (verb: Verb, names: readonly string[] = members.map(({ name }) => name), ticket = 1) =>
      send({ type: 'request', ticket, verb, names }),
    reform: (wanted: readonly string[]) => {
      const all = wanted.flatMap((line) => membersOf(line, instances, 'never', wanted));
      return send({ type: 'reform', spec: fleetSpec(all, onExit, resident) });
    },
    close: (signal: SignalName = 'SIGTERM', cause: Cause = { by: 'signal', signal }) =>
      send({ type: 'close', cause, signal }),
    spawned: (name: string) => tell(name, { type: 'spawned', run: run(name), pid: (pid += 1) }),
    ready: (name: string) => tell(name, { type: 'ready', run: run(name) }),
    exited: (name: string, exit: Exit = ok) =>
      tell(name, { type: 'exited', run: run(name), exit, survivors: false }),
    timeIsOver: (name: string) =>
      tell(name, { type: 'timer', timer: state.members.get(name)?.process.timer ?? 0 }),
    refused: (name: string) =>
      tell(name, { type: 'refused', run: run(name), exit: { by: 'refusal', error: 'ENOENT', message: 'x' } }),
  };
}

function membersOf(
  line: string,
  instances: number,
  mode: RestartPolicy['mode'] = 'never',
  lines: readonly string[] = [],
): readonly MemberSpec[] {
  const [process = '', ...words] = line.split(' ');
  const isAwaited = lines.some((one) => RegExp(` ${process}[?]?:ready`).test(one));
  const needs = words.map((word): Need => {
    const [needed = '', until = 'started', onRestart = 'keep'] = word.split(':');
    return {
      process: needed.replace('?', ''),
      until: until as Need['until'],
      onRestart: onRestart as 'keep' | 'restart' | 'stop',
      required: !needed.endsWith('?'),
    };
  });
  const traits = {
    needs,
    readiness: isAwaited ? 'probed' : 'started',
    ladder: stopLadder('SIGTERM', 5000),
    restart: { ...RESTART_DEFAULTS, mode },
  } as const;
  return Array.from({ length: instances }, (_, at) => ({ name: `${process}.${at + 1}`, process, ...traits }));
}

/** What a member does, is told, is answered; its events are for the table of the process. */
function effectText(effect: FleetEffect): readonly string[] {
  switch (effect.type) {
    case 'process': {
      const { name, effect: asked } = effect;
      if (asked.type === 'spawn') return [`spawn ${name}`];
      return asked.type === 'signal' && asked.signal !== 'SIGCONT' ? [`${asked.signal} ${name}`] : [];
    }
    case 'settle':
      return effect.results.map(({ name, outcome }) => `${effect.ticket}: ${name} ${outcome}`);
    case 'finish':
      return [`finish ${effect.status}`];
    case 'record': {
      const { event } = effect;
      if (!('name' in event)) return [event.type];
      if (event.type === 'needed') return [`need ${event.name}`];
      if (event.type === 'followed') return [`${event.how} ${event.name} with ${event.need}`];
      return event.type === 'doomed' ? [`doom ${event.name}`] : [];
    }
    case 'dropped':
    case 'granted':
    case 'refused':
      return [];
    case 'end-writing':
    case 'end-reading':
      return [`${effect.type} ${effect.reader}`];
  }
}

describe('a start', () => {
  test('is in the order of the members', () => {
    const { ask, spawned } = setUp(['a', 'b'], 'stop', 2);
    expect(ask('start')).toEqual(['spawn a.1', 'spawn a.2', 'spawn b.1', 'spawn b.2']);
    expect(spawned('a.1')).toEqual([]);
    expect(['a.2', 'b.1'].flatMap(spawned)).toEqual([]);
    expect(spawned('b.2')).toEqual(['1: a.1 running', '1: a.2 running', '1: b.1 running', '1: b.2 running']);
  });

  test.each(['started', 'ready', 'succeeded'] as const)('waits until what it needs has %s', (until) => {
    const { ask, spawned, ready, exited } = setUp([`web db:${until}`, 'db', 'other'], 'stop');
    expect(ask('start')).toEqual(['spawn db.1', 'spawn other.1']);
    expect(spawned('db.1')).toEqual(until === 'started' ? ['spawn web.1'] : []);
    if (until === 'ready') expect(ready('db.1')).toEqual(['spawn web.1']);
    if (until === 'succeeded') expect(exited('db.1')).toEqual(['spawn web.1']);
  });

  test('brings what it needs with it, and answers for those that are named', () => {
    const { ask, spawned, ready } = setUp(['web api:ready', 'api db', 'db', 'other'], 'keep');
    expect(ask('start', ['web.1'])).toEqual(['need api.1', 'need db.1', 'spawn db.1']);
    expect(spawned('db.1')).toEqual(['spawn api.1']);
    expect(spawned('api.1')).toEqual([]);
    expect(ready('api.1')).toEqual(['spawn web.1']);
    expect(spawned('web.1')).toEqual(['1: web.1 running']);
  });

  test('tries again what has failed, and does not repeat a task that has succeeded', () => {
    const { ask, exited, spawned } = setUp(['web task:succeeded db', 'task', 'db'], 'keep', 1, true);
    ask('start', ['task.1', 'db.1']);
    for (const name of ['task.1', 'db.1']) spawned(name);
    exited('task.1');
    exited('db.1', failed);
    expect(ask('start', ['web.1'], 2)).toEqual(['need db.1', 'spawn db.1']);
    expect(spawned('db.1')).toEqual(['spawn web.1']);
  });

  test('repeats what one of them needs to run, where another one needs only its success', () => {
    const { ask, exited, spawned } = setUp(['web db', 'report db:succeeded', 'db'], 'keep', 1, true);
    ask('start', ['db.1']);
    spawned('db.1');
    exited('db.1');
    expect(ask('start', ['report.1', 'web.1'], 2)).toEqual(['need db.1', 'spawn db.1']);
    expect(spawned('db.1')).toEqual(['spawn web.1']);
  });

  test('what failed only for want of a need starts when that is mended, down the chain', () => {
    const { ask, spawned, ready, exited } = setUp(['web api:ready', 'api db:ready', 'db'], 'keep', 1, true);
    ask('start');
    spawned('db.1');
    expect(exited('db.1', failed).slice(0, 2)).toEqual(['doom api.1', 'doom web.1']);
    expect(ask('restart', ['db.1'], 2)).toEqual(['spawn db.1']);
    expect(spawned('db.1')).toEqual([]);
    expect(ready('db.1')).toEqual(['spawn api.1', '2: db.1 running']);
    spawned('api.1');
    expect(ready('api.1')).toEqual(['spawn web.1']);
  });

  test('what failed for want of a need fails again with it, and stays down where that was asked for', () => {
    const { ask, spawned, ready, exited } = setUp(['web db:ready', 'api db:ready', 'db'], 'keep', 1, true);
    ask('start');
    spawned('db.1');
    exited('db.1', failed);
    ask('stop', ['api.1'], 2);
    ask('start', ['db.1'], 3);
    spawned('db.1');
    expect(exited('db.1', failed)).toEqual(['doom web.1', '3: db.1 ended']);
    ask('start', ['db.1'], 4);
    spawned('db.1');
    expect(ready('db.1')).toEqual(['spawn web.1', '4: db.1 running']);
  });

  test('that ignores needs waits for none, and fails for none', () => {
    const { ask, send, spawned, exited } = setUp(['web db:ready', 'db'], 'keep', 1, true);
    const now = (ticket: number) =>
      send({ type: 'request', ticket, verb: 'start', names: ['web.1'], needs: 'ignore' });
    expect(now(1)).toEqual(['spawn web.1']);
    expect(spawned('web.1')).toEqual(['1: web.1 running']);
    exited('web.1');
    ask('start', ['db.1'], 2);
    spawned('db.1');
    exited('db.1', failed);
    expect(now(3)).toEqual(['spawn web.1']);
  });

  test('and a restart ignore needs in the same way: what is stopped stays stopped', () => {
    const { ask, send, spawned, ready, exited } = setUp(['web db:ready', 'db'], 'keep', 1, true);
    ask('start');
    spawned('db.1');
    ready('db.1');
    spawned('web.1');
    ask('stop', ['db.1'], 2);
    exited('db.1');
    const restart = { type: 'request', verb: 'restart', names: ['web.1'] } as const;
    expect(send({ ...restart, ticket: 3, needs: 'ignore' })).toEqual(['SIGTERM web.1']);
    expect(exited('web.1')).toEqual(['spawn web.1']);
    spawned('web.1');
    expect(send({ ...restart, ticket: 4 })).toEqual(['SIGTERM web.1', 'need db.1', 'spawn db.1']);
    // What ran is not kept down for it.
    expect(exited('web.1')).toEqual(['spawn web.1']);
  });

  test('goes on without what is not required and has failed', () => {
    const { ask, spawned, exited } = setUp(['web db?:ready', 'db'], 'keep');
    expect(ask('start')).toEqual(['spawn db.1']);
    spawned('db.1');
    expect(exited('db.1', failed)).toEqual(['spawn web.1']);
  });

  test('waits for every instance of what it needs', () => {
    const { ask, spawned } = setUp(['web db', 'db'], 'keep', 2);
    expect(ask('start')).toEqual(['spawn db.1', 'spawn db.2']);
    expect(spawned('db.1')).toEqual([]);
    expect(spawned('db.2')).toEqual(['spawn web.1', 'spawn web.2']);
  });

  test('cannot be when what it needs has failed, and all that need it are told', () => {
    const { ask, refused, phases } = setUp(['a b', 'b c:ready', 'c', 'd'], 'keep');
    ask('start');
    expect(refused('c.1')).toEqual(['doom b.1', 'doom a.1']);
    expect(phases()).toBe('a.1 failed, b.1 failed, c.1 failed, d.1 starting');
  });

  test('of an unknown name is answered at once', () => {
    expect(setUp(['a']).ask('start', ['nope'])).toEqual(['1: nope unknown']);
  });
});

describe('a restart by the policy', () => {
  const crashed = (need = 'db:ready') => {
    const fleet = setUp([`web ${need}`, 'db'], 'keep', 1, true, 'always');
    fleet.ask('start');
    fleet.spawned('db.1');
    fleet.ready('db.1');
    fleet.spawned('web.1');
    fleet.ready('web.1');
    fleet.exited('db.1', failed);
    fleet.exited('web.1', failed);
    return fleet;
  };

  test('waits for needs that are not met, and keeps its attempts', () => {
    const { timeIsOver, spawned, ready, phases } = crashed();
    expect(timeIsOver('web.1')).toEqual([]);
    expect(phases()).toBe('web.1 backoff, db.1 backoff');
    expect(timeIsOver('db.1')).toEqual(['spawn db.1']);
    expect(spawned('db.1')).toEqual([]);
    expect(ready('db.1')).toEqual(['spawn web.1']);
  });

  test('does not wait for what was not waited for at its start', () => {
    const { send, timeIsOver, ask, exited, spawned } = crashed();
    ask('stop', ['db.1'], 2);
    send({ type: 'request', ticket: 3, verb: 'restart', names: ['web.1'], needs: 'ignore' });
    spawned('web.1');
    exited('web.1', failed);
    expect(timeIsOver('web.1')).toEqual(['spawn web.1']);
  });

  test('that waits is called off by a stop', () => {
    const { timeIsOver, ask } = crashed();
    timeIsOver('web.1');
    expect(ask('stop', ['web.1'], 2)).toEqual(['2: web.1 stopped']);
  });
});

describe('what needs another that does not run on', () => {
  const running = (need: string) => {
    const fleet = setUp([`web api:ready:${need}`, `api db:ready:${need}`, 'db'], 'keep', 1, true, 'always');
    fleet.ask('start');
    for (const name of ['db.1', 'api.1', 'web.1']) {
      fleet.spawned(name);
      fleet.ready(name);
    }
    return fleet;
  };

  test('runs on, if nothing is said', () => {
    expect(running('keep').exited('db.1', failed)).toEqual([]);
    expect(running('keep').ask('restart', ['db.1'], 2)).toEqual(['SIGTERM db.1']);
  });

  test('is restarted when its needs are met again, the last of them first', () => {
    const { ask, exited, spawned, ready, phases } = running('restart');
    expect(ask('restart', ['db.1'], 2)).toEqual([
      'SIGTERM db.1',
      'restart api.1 with db',
      'restart web.1 with api',
      'SIGTERM web.1',
    ]);
    expect(exited('web.1')).toEqual(['SIGTERM api.1']);
    expect(exited('api.1')).toEqual([]);
    expect(phases()).toBe('web.1 idle, api.1 idle, db.1 stopping');
    expect(exited('db.1')).toEqual(['spawn db.1']);
    spawned('db.1');
    expect(ready('db.1')).toEqual(['spawn api.1', '2: db.1 running']);
    spawned('api.1');
    expect(ready('api.1')).toEqual(['spawn web.1']);
  });

  // It was stopped for that at once.
  test('waits for those that need it, whatever is said of its health meanwhile', () => {
    const { ask, send, exited } = running('restart');
    ask('restart', ['db.1'], 2);
    const exit: Exit = { by: 'refusal', error: 'EUNHEALTHY', message: 'x' };
    const event = { type: 'unready', run: 1, exit, isUnhealthy: true } as const;
    expect(send({ type: 'process', name: 'api.1', event })).toEqual([]);
    expect(exited('web.1')).toEqual(['SIGTERM api.1']);
  });

  // It was started when its delay was over, and stopped again.
  test('waits for its needs and for nothing else, if it is down until its restart', () => {
    const { ask, exited, spawned, ready } = running('restart');
    expect(exited('api.1', failed)).toEqual(['restart web.1 with api', 'SIGTERM web.1']);
    expect(ask('restart', ['db.1'], 2)).toEqual(['SIGTERM db.1', 'restart api.1 with db']);
    expect(exited('db.1')).toEqual(['spawn db.1']);
    spawned('db.1');
    expect(ready('db.1')).toEqual(['spawn api.1', '2: db.1 running']);
    spawned('api.1');
    expect(exited('web.1')).toEqual([]);
  });

  test('waits when what it needs was stopped, and is there again with it', () => {
    const { ask, exited, spawned, ready, phases } = running('restart');
    ask('stop', ['db.1'], 2);
    exited('web.1');
    expect(exited('api.1')).toEqual(['SIGTERM db.1']);
    expect(exited('db.1')).toEqual(['2: db.1 stopped']);
    expect(phases()).toBe('web.1 idle, api.1 idle, db.1 idle');
    ask('start', ['db.1'], 3);
    spawned('db.1');
    expect(ready('db.1')).toEqual(['spawn api.1', '3: db.1 running']);
  });

  test('is stopped for good', () => {
    const { exited, phases, timeIsOver } = running('stop');
    expect(exited('db.1', failed)).toEqual(['stop api.1 with db', 'stop web.1 with api', 'SIGTERM web.1']);
    expect(exited('web.1')).toEqual(['SIGTERM api.1']);
    exited('api.1');
    expect(timeIsOver('db.1')).toEqual(['spawn db.1']);
    expect(phases()).toBe('web.1 idle, api.1 idle, db.1 starting');
  });

  test('is only restarted, if that is asked for it at the same time', () => {
    const { ask } = running('stop');
    expect(ask('restart', ['db.1', 'api.1', 'web.1'], 2)).toEqual(
      expect.arrayContaining(['restart api.1 with db', 'restart web.1 with api']),
    );
  });

  // It had been left alone until then, and was stopped at once.
  test('waits for those that need it and are being stopped, though it is asked for again', () => {
    const lines = ['web api:started:stop', 'api db:started:stop', 'db'];
    const { ask, spawned, exited } = setUp(lines, 'keep', 1, true);
    ask('start');
    for (const name of ['db.1', 'api.1', 'web.1']) spawned(name);
    expect(ask('stop', ['db.1'], 2)).toEqual(['stop api.1 with db', 'stop web.1 with api', 'SIGTERM web.1']);
    expect(ask('restart', ['db.1', 'web.1'], 3)).not.toContain('SIGTERM api.1');
    expect(exited('web.1')).toEqual(['SIGTERM api.1']);
  });
});

describe('what the end of one process means for the run', () => {
  const aAndB = (traits: Partial<MemberSpec>) =>
    ['a', 'b'].flatMap((line) =>
      membersOf(line, 1).map((one) => (one.process === 'a' ? { ...one, ...traits } : one)),
    );

  test.each([
    ['keep', failed, false],
    ['stop', ok, true],
    ['stop-on-failure', ok, false],
    ['stop-on-failure', failed, true],
  ] as const)('%s, ended by %j: the run ends: %s', (onExit, exit, ends) => {
    const { send, spawned, exited } = setUp(['a', 'b'], 'keep');
    send({ type: 'reform', spec: fleetSpec(aAndB({ onExit }), onExit === 'keep' ? 'stop' : 'keep') });
    send({ type: 'request', ticket: 1, verb: 'start', names: ['a.1', 'b.1'] });
    for (const name of ['a.1', 'b.1']) spawned(name);
    expect(exited('a.1', exit).includes('SIGTERM b.1')).toBe(ends);
  });

  test('a task that has succeeded does not end it', () => {
    const { send, spawned, exited } = setUp(['a', 'b'], 'stop');
    send({ type: 'reform', spec: fleetSpec(aAndB({ isTask: true }), 'stop') });
    send({ type: 'request', ticket: 1, verb: 'start', names: ['a.1', 'b.1'] });
    for (const name of ['a.1', 'b.1']) spawned(name);
    expect(exited('a.1')).toEqual([]);
  });
});

describe('a stop', () => {
  const running = () => {
    const fleet = setUp(['web api', 'api db', 'db'], 'keep');
    fleet.ask('start');
    for (const name of ['db.1', 'api.1', 'web.1']) fleet.spawned(name);
    return fleet;
  };

  test('goes from the dependents to what they need', () => {
    const { close, exited } = running();
    expect(close()).toEqual(['closing', 'SIGTERM web.1']);
    expect(exited('web.1')).toEqual(['SIGTERM api.1']);
    expect(exited('api.1')).toEqual(['SIGTERM db.1']);
    expect(exited('db.1')).toEqual(['finish 0']);
  });

  test('of one does not bring back what dies while it waits for its dependents', () => {
    const { ask, exited, phases } = running();
    expect(ask('stop', ['db.1', 'api.1'], 2)).toEqual(['SIGTERM api.1']);
    expect(exited('db.1', failed)).toEqual([]);
    expect(phases()).toContain('db.1 exited');
  });

  test('of one alone does not wait for those that need it and run on', () => {
    const { ask, exited, phases } = running();
    expect(ask('stop', ['db.1'], 2)).toEqual(['SIGTERM db.1']);
    expect(exited('db.1')).toEqual(['2: db.1 stopped']);
    expect(phases()).toBe('web.1 running, api.1 running, db.1 idle');
  });

  // It was taken for an end, which doomed all that waited for it: and the run ended with them.
  test('of what waits to be restarted does not end it, though its dependents live', () => {
    const { ask, spawned, ready, exited, phases } = setUp(
      ['db', 'web db:ready', 'report db:succeeded'],
      'stop',
      1,
      false,
      'on-failure',
    );
    ask('start');
    spawned('db.1');
    ready('db.1');
    spawned('web.1');
    exited('db.1', failed);
    expect(phases()).toBe('db.1 backoff, web.1 running, report.1 idle');
    expect(ask('stop', ['db.1'], 2)).toEqual(['2: db.1 stopped']);
    expect(phases()).toBe('db.1 idle, web.1 running, report.1 idle');
  });

  test('answers when it has happened, and a contrary request overtakes it', () => {
    const { ask, exited, spawned } = running();
    expect(ask('stop', ['web.1'], 2)).toEqual(['SIGTERM web.1']);
    expect(ask('start', ['web.1'], 3)).toEqual(['2: web.1 superseded']);
    expect(exited('web.1')).toEqual(['spawn web.1']);
    expect(spawned('web.1')).toEqual(['3: web.1 running']);
  });

  test('of all by a second Ctrl-C asks nobody to wait', () => {
    const { close, pass } = running();
    expect(close('SIGINT')).toEqual(['closing', 'SIGINT web.1']);
    pass(249);
    expect(close('SIGINT')).toEqual([]);
    pass(1);
    expect(close('SIGINT')).toEqual(['hurried', 'SIGKILL db.1', 'SIGKILL api.1', 'SIGKILL web.1']);
    expect(close('SIGINT')).toEqual([]);
  });
});

describe('the end of one', () => {
  const two = (onExit: OnExit) => {
    const fleet = setUp(['a', 'b'], onExit);
    fleet.ask('start');
    for (const name of ['a.1', 'b.1']) fleet.spawned(name);
    return fleet;
  };

  test('ends the run, with its status', () => {
    const { exited } = two('stop');
    expect(exited('a.1', failed)).toEqual(['closing', 'SIGTERM b.1']);
    expect(exited('b.1')).toEqual(['finish 4']);
  });

  test('does not end it where it is to be kept', () => {
    const { exited } = two('keep');
    expect(exited('a.1')).toEqual([]);
    expect(exited('b.1', failed)).toEqual(['finish 4']);
  });

  test('is no reason to stop if it was a task that others waited for', () => {
    const { ask, spawned, exited } = setUp(['web init:succeeded', 'init'], 'stop');
    ask('start');
    spawned('init.1');
    expect(exited('init.1')).toEqual(['spawn web.1']);
  });

  test.each(['stop', 'keep'] as const)('that failed is one, and the status is its own (%s)', (onExit) => {
    const { ask, spawned, exited } = setUp(['web init:succeeded', 'init'], onExit);
    ask('start');
    spawned('init.1');
    const happens = exited('init.1', failed);
    expect(happens).toContain('doom web.1');
    expect(happens.at(-1)).toBe('finish 4');
  });
});

test.each<Verb>(['start', 'restart'])(
  '%s of what waits for its restart waits for its needs, and brings those that are stopped',
  (verb) => {
    const { ask, spawned, ready, exited, timeIsOver, phases } = setUp(
      ['db', 'web db:ready'],
      'keep',
      1,
      true,
      'on-failure',
    );
    ask('start');
    spawned('db.1');
    ready('db.1');
    spawned('web.1');
    ask('stop', ['db.1'], 2);
    exited('db.1');
    exited('web.1', failed);
    expect(phases()).toBe('db.1 idle, web.1 backoff');
    ask(verb, ['web.1'], 3);
    expect(phases()).toBe('db.1 starting, web.1 idle');
    timeIsOver('web.1');
    spawned('db.1');
    expect(phases()).toBe('db.1 running, web.1 idle');
    ready('db.1');
    expect(phases()).toBe('db.1 running, web.1 starting');
    expect(spawned('web.1')).toEqual(['3: web.1 running']);
  },
);

test('after the end a request is still answered, and nothing else happens', () => {
  const { ask, close, spawned, exited } = setUp(['a']);
  ask('start');
  spawned('a.1');
  exited('a.1');
  expect(ask('start', ['a.1'], 9)).toEqual(['9: a.1 superseded']);
  expect(close()).toEqual([]);
});

test('a signal is forwarded to those that run', () => {
  const { ask, spawned, send } = setUp(['a', 'b']);
  ask('start');
  spawned('a.1');
  expect(send({ type: 'forward', signal: 'SIGUSR1' })).toEqual(['SIGUSR1 a.1']);
});

describe('a signal on request', () => {
  const kill = (...names: string[]): FleetEvent => ({ type: 'signal', names, signal: 'SIGKILL' });
  const running = (mode: RestartPolicy['mode'] = 'never') => {
    const fleet = setUp(['a', 'b'], 'keep', 1, true, mode);
    fleet.ask('start');
    fleet.spawned('a.1');
    return fleet;
  };

  test('goes to those of the names that run, once', () => {
    expect(running().send(kill('a.1', 'b.1', 'nope', 'a.1'))).toEqual(['SIGKILL a.1']);
  });

  test('goes to who is being stopped as well', () => {
    const { ask, send } = running();
    ask('stop', ['a.1']);
    expect(send(kill('a.1'))).toEqual(['SIGKILL a.1']);
  });

  test('is no stop: the restart policy decides', () => {
    const { send, exited, phases } = running('always');
    send(kill('a.1'));
    exited('a.1', { by: 'signal', signal: 'SIGKILL' });
    expect(phases()).toBe('a.1 backoff, b.1 starting');
  });
});

test('who waits for a restart and is asked for starts at once', () => {
  const { ask, spawned, exited, phases } = setUp(['a'], 'keep', 1, true, 'always');
  ask('start');
  spawned('a.1');
  exited('a.1');
  expect(phases()).toBe('a.1 backoff');
  expect(ask('start', ['a.1'], 2)).toEqual(['spawn a.1']);
  expect(spawned('a.1')).toEqual([expect.stringMatching(/^2: a\.1 running/)]);
});

describe('a run that can be asked', () => {
  const two = (resident = false) => {
    const fleet = setUp(['a', 'b', 'c'], 'keep', 1, resident);
    fleet.ask('start', ['a.1', 'b.1']);
    for (const name of ['a.1', 'b.1']) fleet.spawned(name);
    return fleet;
  };

  test('does not end while something that was stopped on request can be started again', () => {
    const { ask, exited } = two();
    ask('stop', ['a.1'], 2);
    expect(exited('a.1')).toEqual(['2: a.1 stopped']);
    expect(exited('b.1')).toEqual([]);
    expect(ask('start', ['a.1'], 3)).toEqual(['spawn a.1']);
  });

  test('ends when all that were ever started have ended by themselves', () => {
    const { exited } = two();
    expect(exited('a.1')).toEqual([]);
    expect(exited('b.1', failed)).toEqual(['finish 4']);
  });

  test('never ends by itself where it is resident', () => {
    const { close, exited } = two(true);
    expect(['a.1', 'b.1'].flatMap((name) => exited(name))).toEqual([]);
    expect(close('SIGTERM', { by: 'request' })).toEqual(['closing', 'finish 0']);
  });

  test('stops the last process first, and the one before it when that has ended', () => {
    const [one, other] = [two(), two()];
    expect(one.ask('stop', ['a.1', 'b.1'], 2)).toEqual(['SIGTERM b.1']);
    expect(one.exited('b.1')).toEqual(['SIGTERM a.1']);
    expect(one.exited('a.1')).toEqual(['2: b.1 stopped', '2: a.1 stopped']);
    expect(other.close('SIGTERM', { by: 'request' })).toEqual(['closing', 'SIGTERM b.1']);
    expect(other.exited('b.1')).toEqual(['SIGTERM a.1']);
  });

  test('stops all instances of a process at once', () => {
    const { ask, close, exited, names, spawned } = setUp(['a', 'b'], 'keep', 2);
    ask('start');
    for (const name of names()) spawned(name);
    expect(close('SIGTERM', { by: 'library' })).toEqual(['closing', 'SIGTERM b.2', 'SIGTERM b.1']);
    expect(exited('b.1')).toEqual([]);
    expect(exited('b.2')).toEqual(['SIGTERM a.2', 'SIGTERM a.1']);
  });

  test('stops a process when its own time to wait is over, however long the later ones take', () => {
    const { ask, exited, timeIsOver } = two();
    ask('stop', ['a.1', 'b.1'], 2);
    expect(timeIsOver('a.1')).toEqual(['SIGTERM a.1']);
    expect(exited('a.1')).toEqual([]);
    expect(exited('b.1')).toEqual(['2: a.1 stopped', '2: b.1 stopped']);
  });

  test('does not bring back what ends while it waits, and starts it on request', () => {
    const { ask, close, exited, phases } = two();
    ask('stop', ['a.1', 'b.1'], 2);
    exited('a.1', failed);
    expect(phases()).toBe('a.1 exited, b.1 stopping, c.1 idle');
    expect(ask('start', ['a.1'], 3)).toEqual(['spawn a.1']);
    expect(close()).toEqual(['closing']);
  });

  test('goes on with one that waits and is to be started again', () => {
    const { ask, exited, phases } = two();
    ask('stop', ['a.1', 'b.1'], 2);
    expect(ask('start', ['a.1'], 3)).toEqual(['3: a.1 running']);
    expect(exited('b.1')).toEqual(['2: a.1 superseded', '2: b.1 stopped']);
    expect(phases()).toBe('a.1 running, b.1 idle, c.1 idle');
  });

  test('stops a process that is asked alone at once, also beside others that are being stopped', () => {
    const { ask } = two();
    ask('stop', ['b.1'], 2);
    expect(ask('stop', ['a.1'], 3)).toEqual(['SIGTERM a.1']);
    const waiting = two();
    waiting.ask('stop', ['a.1', 'b.1'], 2);
    expect(waiting.ask('stop', ['a.1'], 3)).toEqual(['SIGTERM a.1']);
  });

  test('waits in a stop of all for a later process that was asked alone before', () => {
    const { ask, close, exited } = two();
    ask('stop', ['b.1'], 2);
    expect(close('SIGTERM', { by: 'request' })).toEqual(['closing']);
    expect(exited('b.1')).toContain('SIGTERM a.1');
  });

  test('has no order in a restart, in a stop by signal and in one that a process has caused by its end', () => {
    expect(two().ask('restart', ['a.1', 'b.1'], 2)).toEqual(['SIGTERM b.1', 'SIGTERM a.1']);
    expect(two().close('SIGINT')).toEqual(['closing', 'SIGINT b.1', 'SIGINT a.1']);
    const fleet = setUp(['a', 'b', 'c'], 'stop');
    fleet.ask('start');
    for (const name of fleet.names()) fleet.spawned(name);
    expect(fleet.exited('c.1', failed)).toEqual(['closing', 'SIGTERM b.1', 'SIGTERM a.1']);
  });

  test('stops at once what still waits when a signal comes', () => {
    const [one, other] = [two(), two()];
    one.close('SIGTERM', { by: 'request' });
    expect(one.close('SIGTERM')).toEqual(['SIGTERM a.1']);
    other.ask('stop', ['a.1', 'b.1'], 2);
    expect(other.close('SIGINT')).toEqual(['closing', 'SIGINT a.1']);
  });

  test('goes by needs before the order of the list', () => {
    const fleet = setUp(['web db', 'db', 'worker'], 'keep');
    fleet.ask('start');
    for (const name of ['db.1', 'worker.1', 'web.1']) fleet.spawned(name);
    expect(fleet.close('SIGTERM', { by: 'request' })).toEqual(['closing', 'SIGTERM worker.1']);
    expect(fleet.exited('worker.1')).toEqual(['SIGTERM web.1']);
    expect(fleet.exited('web.1')).toEqual(['SIGTERM db.1']);
  });

  test('answers after its end: what was to be stopped is, the rest is overtaken', () => {
    const { ask, exited } = two();
    for (const name of ['a.1', 'b.1']) exited(name);
    expect(ask('stop', ['a.1', 'nope'], 2)).toEqual(['2: nope unknown', '2: a.1 stopped']);
    expect(ask('restart', ['a.1'], 3)).toEqual(['3: a.1 superseded']);
  });
});

describe('what lives on after SIGKILL', () => {
  const hanging = (verb: 'stop' | 'restart' = 'stop') => {
    const fleet = setUp(['a', 'b'], 'keep', 1, true, 'always');
    fleet.ask('start');
    for (const name of ['a.1', 'b.1']) fleet.spawned(name);
    fleet.ask(verb, ['a.1'], 2);
    expect(fleet.timeIsOver('a.1')).toEqual(['SIGKILL a.1']);
    return { ...fleet, outcome: fleet.timeIsOver('a.1') };
  };

  test.each(['start', 'restart'] as const)('is not joined by another run: a %s is refused', (verb) => {
    const { ask, exited, phases, outcome } = hanging();
    expect(outcome).toEqual(['2: a.1 stopped']);
    expect(ask(verb, ['a.1', 'b.1'], 3)).toContain(verb === 'start' ? '3: a.1 ended' : 'SIGTERM b.1');
    expect(phases()).toContain('a.1 failed');
    expect(exited('a.1')).toEqual([]);
    expect(phases()).toContain('a.1 idle');
    expect(ask(verb, ['a.1'], 4)).toEqual(['spawn a.1']);
  });

  test('has ended for good when a restart had been asked for, until the next request', () => {
    const { ask, exited, phases, outcome } = hanging('restart');
    expect(outcome).toEqual(['2: a.1 ended']);
    expect(exited('a.1')).toEqual([]);
    expect(phases()).toContain('a.1 exited');
    expect(ask('start', ['a.1'], 3)).toEqual(['spawn a.1']);
  });

  test('is a member as long as it lives, wanted or not', () => {
    const { ask, reform, exited, phases } = hanging();
    reform(['b']);
    expect(phases()).toBe('b.1 running, a.1 failed');
    reform(['a', 'b']);
    expect(ask('start', ['a.1'], 3)).toEqual(['3: a.1 ended']);
    reform(['b']);
    exited('a.1');
    expect(phases()).toBe('b.1 running');
  });
});

describe('a reform', () => {
  const running = (lines: readonly string[] = ['a', 'b'], instances = 1) => {
    const fleet = setUp(lines, 'keep', instances, true);
    fleet.ask('start');
    for (const name of fleet.names().toReversed()) fleet.spawned(name);
    return fleet;
  };

  test('brings newcomers, which wait for a request', () => {
    const { reform, ask, phases } = running();
    expect(reform(['a', 'c', 'b'])).toEqual([]);
    expect(phases()).toBe('a.1 running, c.1 idle, b.1 running');
    expect(ask('start', ['c.1'], 2)).toEqual(['spawn c.1']);
  });

  test('stops who is not wanted, and drops it in the step in which it is gone', () => {
    const { reform, ask, exited, phases } = running();
    expect(reform(['a'])).toEqual(['SIGTERM b.1']);
    expect(ask('stop', ['b.1'], 2)).toEqual([]);
    expect(ask('restart', ['b.1'], 3)).toEqual(['3: b.1 unknown']);
    expect(phases()).toBe('a.1 running, b.1 stopping');
    expect(exited('b.1')).toEqual(['2: b.1 stopped']);
    expect(phases()).toBe('a.1 running');
    expect(ask('stop', ['b.1'], 4)).toEqual(['4: b.1 unknown']);
  });

  test('overtakes a start or restart of who is not wanted any more', () => {
    const { reform, ask } = running();
    ask('restart', ['a.1', 'b.1'], 2);
    expect(reform([])).toEqual(['2: b.1 superseded', '2: a.1 superseded'].sort());
  });

  test('that wants it again leaves it down until a request', () => {
    const { reform, ask, exited, phases } = running();
    reform(['a']);
    reform(['a', 'b']);
    exited('b.1');
    expect(phases()).toBe('a.1 running, b.1 idle');
    expect(ask('start', ['b.1'], 2)).toEqual(['spawn b.1']);
  });

  test('lets the dependents go first, by the needs that they had', () => {
    const { reform, exited } = running(['web db', 'db', 'x']);
    expect(reform(['x'])).toEqual(['SIGTERM web.1']);
    expect(exited('web.1')).toEqual(['SIGTERM db.1']);
  });

  test('does not keep who leaves for those that stay and need others of it', () => {
    const { send } = running(['web db', 'db'], 2);
    const members = [...membersOf('web db', 2), ...membersOf('db', 1)];
    expect(send({ type: 'reform', spec: fleetSpec(members, 'keep', true) })).toEqual(['SIGTERM db.2']);
  });

  test('that turns the needs round lets everybody end all the same', () => {
    const { reform, ask, exited, phases } = running(['a b', 'b']);
    expect(ask('stop', ['b.1', 'a.1'], 2)).toEqual(['SIGTERM a.1']);
    expect(reform(['b a'])).toEqual(['SIGTERM b.1']);
    exited('b.1');
    exited('a.1');
    expect(phases()).toBe('b.1 idle');
  });

  // The order that its needs gave to them was forgotten with the last one that left, and nobody was asked again.
  test('whose last one has left gives those that are being stopped their turn', () => {
    const { ask, send, spawned, exited } = setUp(['a', 'b a', 'x'], 'keep', 2, true);
    ask('start', ['a.1', 'b.1', 'x.1']);
    // Of what is needed all instances are to run, and it brings them with it.
    for (const name of ['a.1', 'a.2', 'x.1', 'b.1']) spawned(name);
    const members = [...membersOf('b', 1), ...membersOf('a', 2)];
    expect(send({ type: 'reform', spec: fleetSpec(members, 'keep', true) })).toEqual(['SIGTERM x.1']);
    expect(ask('stop', ['a.1', 'a.2', 'b.1'], 2)).toEqual([]);
    expect(exited('x.1')).toEqual(['SIGTERM b.1']);
    expect(exited('b.1')).toEqual(['SIGTERM a.2', 'SIGTERM a.1']);
  });

  test('does not mistake the news of an earlier member for those of a later one of the name', () => {
    const { reform, ask, exited, phases, send } = running();
    reform(['a']);
    exited('b.1');
    reform(['a', 'b']);
    ask('start', ['b.1'], 2);
    expect(send({ type: 'process', name: 'b.1', event: { type: 'spawned', run: 1, pid: 7 } })).toEqual([]);
    expect(phases()).toBe('a.1 running, b.1 starting');
  });

  test('that ends the probing of who runs makes it ready', () => {
    const { ask, spawned, send } = setUp(['web db:ready', 'db'], 'keep', 1, true);
    expect(ask('start')).toEqual(['spawn db.1']);
    expect(spawned('db.1')).toEqual([]);
    const members = ['web db:ready', 'db'].flatMap((line) => membersOf(line, 1));
    const unprobed = members.map((member) => ({ ...member, readiness: 'started' as const }));
    expect(send({ type: 'reform', spec: fleetSpec(unprobed, 'keep') })).toEqual(['spawn web.1']);
  });

  test('does not end the run before the newcomers can be started', () => {
    const fleet = setUp(['a', 'b'], 'keep');
    fleet.ask('start');
    for (const name of ['a.1', 'b.1']) fleet.spawned(name);
    fleet.ask('stop', ['a.1'], 2);
    for (const name of ['a.1', 'b.1']) fleet.exited(name);
    expect(fleet.reform(['b', 'c'])).toEqual([]);
    expect(fleet.ask('start', ['c.1'], 3)).toEqual(['spawn c.1']);
  });

  test('takes a task that was completed for what it was', () => {
    const { ask, spawned, exited, reform } = setUp(['web init:succeeded', 'init'], 'stop');
    ask('start');
    spawned('init.1');
    exited('init.1');
    spawned('web.1');
    expect(reform(['web', 'init'])).toEqual([]);
  });
});
