/** Stories of members and clients that use caps together. */
import { describe, expect, test } from 'vitest';
import { awaitedBy } from '../../../src/core/fleet/awaited.ts';
import { fleetSpec, newFleet, type FleetEvent, type MemberSpec } from '../../../src/core/fleet/state.ts';
import { stepFleet, stepFleetThoroughly } from '../../../src/core/fleet/step.ts';
import type { CapSpec, CapUse } from '../../../src/core/plan/process-plan.ts';
import type { Exit } from '../../../src/core/process/exit.ts';
import type { ProcessEvent } from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';

const failed: Exit = { by: 'code', code: 4 };
const ok: Exit = { by: 'code', code: 0 };

const cap = (name: string, soft: number, hard = Infinity): CapSpec => ({ name, soft, hard });

/** `a db:2 gpu >task >>server`: the caps that it uses, the needs that must have succeeded, or be started. */
const usesIn = (words: readonly string[]): readonly CapUse[] =>
  words.map((word) => {
    const [name = '', amount = '1'] = word.split(':');
    return { cap: name, amount: Number(amount) };
  });

function memberOf(line: string): MemberSpec {
  const [name = '', ...words] = line.split(' ');
  const uses = usesIn(words.filter((word) => !word.startsWith('>')));
  return {
    ...{ name, process: name, readiness: 'started', ladder: stopLadder('SIGTERM', 5000) },
    needs: words
      .filter((word) => word.startsWith('>'))
      .map((word) =>
        word.startsWith('>>')
          ? { process: word.slice(2), until: 'started' }
          : { process: word.slice(1), until: 'succeeded' },
      ),
    restart: { ...RESTART_DEFAULTS, mode: name.startsWith('r') ? 'always' : 'never' },
    ...(uses.length > 0 && { uses }),
  };
}

/** `line`: as for `memberOf`. */
function setUp(lines: readonly string[], caps: readonly CapSpec[]) {
  const spec = fleetSpec(lines.map(memberOf), 'keep', true, caps);
  let state = newFleet(spec);
  let now = 0;
  let pid = 100;
  const send = (event: FleetEvent): readonly string[] => {
    const at = { now: (now += 10), random: 0 };
    const { effects, state: next } = stepFleet(state, event, at);
    const thorough = stepFleetThoroughly(state, event, at);
    expect(thorough.effects).toEqual(effects);
    state = next;
    return effects.flatMap((effect): readonly string[] => {
      if (effect.type === 'process' && effect.effect.type === 'spawn') return [`spawn ${effect.name}`];
      if (effect.type === 'granted') return [`grant ${effect.claim}`];
      if (effect.type === 'refused') return [`refuse ${effect.claim}: ${effect.message}`];
      if (effect.type !== 'record' || effect.event.type !== 'doomed') return [];
      return [`doom ${effect.event.name}`];
    });
  };
  const tell = (name: string, event: ProcessEvent) => send({ type: 'process', name, event });
  const run = (name: string) => state.members.get(name)?.process.run ?? 0;
  return {
    send,
    ask: (verb: 'start' | 'stop' | 'restart', ...names: readonly string[]) =>
      send({ type: 'request', ticket: 1, verb, names }),
    spawned: (name: string) => tell(name, { type: 'spawned', run: run(name), pid: (pid += 1) }),
    exited: (name: string, exit: Exit = ok) =>
      tell(name, { type: 'exited', run: run(name), exit, survivors: false }),
    timeIsOver: (name: string) =>
      tell(name, { type: 'timer', timer: state.members.get(name)?.process.timer ?? 0 }),
    claim: (claim: number, ...words: readonly string[]) =>
      send({ type: 'claim', claim, name: `pool ${claim}`, uses: usesIn(words) }),
    unclaim: (claim: number) => send({ type: 'unclaim', claim }),
    reform: (wanted: readonly string[], limits = caps) =>
      send({ type: 'reform', spec: fleetSpec(wanted.map(memberOf), 'keep', true, limits) }),
    awaited: (name: string) => {
      const member = state.spec.byName.get(name);
      return member && awaitedBy(state, member);
    },
    isWaiting: (name: string) => state.members.get(name)?.waitingSince !== null,
    exitOf: (name: string) => {
      const phase = state.members.get(name)?.process.phase;
      return phase !== undefined && 'exit' in phase ? phase.exit : undefined;
    },
  };
}

describe('above the soft cap', () => {
  test('members wait, and are served in the order in which they came', () => {
    const { ask, spawned, exited, awaited, isWaiting } = setUp(['a db', 'b db', 'c db', 'd'], [cap('db', 1)]);
    expect(ask('start', 'c', 'd')).toEqual(['spawn d', 'spawn c']);
    expect(ask('start', 'b')).toEqual([]);
    expect(ask('start', 'a')).toEqual([]);
    expect(isWaiting('a')).toBe(true);
    expect(awaited('a')).toEqual([{ cap: 'db', usedBy: ['c'] }]);
    spawned('c');
    expect(exited('c')).toEqual(['spawn b']);
    expect(awaited('b')).toEqual([]);
    expect(isWaiting('b')).toBe(false);
    spawned('b');
    expect(exited('b', failed)).toEqual(['spawn a']);
  });

  test('as many are started as there is room for', () => {
    const { ask, spawned, exited } = setUp(['a db:3', 'b db', 'c db:2', 'd db'], [cap('db', 3)]);
    expect(ask('start', 'a', 'b', 'c', 'd')).toEqual(['spawn a']);
    spawned('a');
    expect(exited('a')).toEqual(['spawn b', 'spawn c']);
  });

  test('what lacks one cap keeps that one from those after it, and no other', () => {
    const { ask, spawned, exited } = setUp(
      ['a gpu', 'b gpu db', 'c db', 'd gpu'],
      [cap('gpu', 1), cap('db', 1)],
    );
    expect(ask('start', 'a', 'b', 'c', 'd')).toEqual(['spawn a', 'spawn c']);
    spawned('a');
    spawned('c');
    expect(exited('a')).toEqual(['spawn d']);
    spawned('d');
    expect(exited('c')).toEqual([]);
    expect(exited('d')).toEqual(['spawn b']);
  });

  test('a large one is not overtaken for ever by small ones', () => {
    const { ask, spawned, exited } = setUp(['a db', 'b db', 'big db:2', 'c db'], [cap('db', 2)]);
    expect(ask('start', 'a', 'b', 'big', 'c')).toEqual(['spawn a', 'spawn b']);
    ['a', 'b'].forEach(spawned);
    expect(exited('a')).toEqual([]);
    expect(exited('b')).toEqual(['spawn big']);
    spawned('big');
    expect(exited('big')).toEqual(['spawn c']);
  });

  test('one that waits for its restart keeps its caps, one that is stopped gives them back', () => {
    const { ask, spawned, exited, timeIsOver } = setUp(['r db', 'a db'], [cap('db', 1)]);
    expect(ask('start', 'r', 'a')).toEqual(['spawn r']);
    spawned('r');
    expect(exited('r', failed)).toEqual([]);
    expect(timeIsOver('r')).toEqual(['spawn r']);
    spawned('r');
    ask('stop', 'r');
    expect(exited('r')).toEqual(['spawn a']);
  });

  test('needs are met first', () => {
    const { ask, spawned, exited, awaited } = setUp(['task', 'b db >task', 'c db'], [cap('db', 1)]);
    expect(ask('start', 'b')).toEqual(['spawn task']);
    expect(awaited('b')).toEqual([{ process: 'task', until: 'succeeded' }]);
    expect(ask('start', 'c')).toEqual(['spawn c']);
    spawned('task');
    expect(exited('task')).toEqual([]);
    expect(awaited('b')).toEqual([{ cap: 'db', usedBy: ['c'] }]);
    spawned('c');
    expect(exited('c')).toEqual(['spawn b']);
  });

  test('one that is stopped while it waits does not wait any more', () => {
    const { ask, spawned, exited } = setUp(['a db', 'b db', 'c db'], [cap('db', 1)]);
    ask('start', 'a', 'b', 'c');
    ask('stop', 'b');
    spawned('a');
    expect(exited('a')).toEqual(['spawn c']);
  });
});

describe('above the hard cap', () => {
  test('a start is refused, with those that use it or wait for it', () => {
    const { ask, exitOf } = setUp(['a db', 'b db', 'c db'], [cap('db', 1, 2)]);
    expect(ask('start', 'a', 'b')).toEqual(['spawn a']);
    expect(ask('start', 'c')).toEqual(['doom c']);
    expect(exitOf('c')).toMatchObject({ error: 'ECAP', message: "cap 'db' is full (hard limit 2): a, b" });
  });

  test('it can be started when there is room again', () => {
    const { ask, spawned, exited } = setUp(['a db', 'b db'], [cap('db', 1, 1)]);
    expect(ask('start', 'a', 'b')).toEqual(['doom b', 'spawn a']);
    spawned('a');
    expect(exited('a')).toEqual([]);
    expect(ask('start', 'b')).toEqual(['spawn b']);
  });
});

describe('a need that fails for good', () => {
  test('takes its dependent out of the queue: the next one gets the room', () => {
    const { ask, spawned, exited, awaited, isWaiting } = setUp(
      ['need', 'b db >>need', 'c db', 'd db'],
      [cap('db', 1)],
    );
    ask('start', 'c', 'need');
    ['c', 'need'].forEach(spawned);
    expect([ask('start', 'b'), ask('start', 'd')]).toEqual([[], []]);
    expect(awaited('b')).toEqual([{ cap: 'db', usedBy: ['c'] }]);
    expect(exited('need', failed)).toEqual(['doom b']);
    expect([isWaiting('b'), isWaiting('d')]).toEqual([false, true]);
    expect(exited('c')).toEqual(['spawn d']);
  });

  test('leaves the place of its dependent below the hard cap to others', () => {
    const { ask, spawned, exited, exitOf } = setUp(
      ['need', 'b db >>need', 'c db', 'd db', 'e db'],
      [cap('db', 1, 2)],
    );
    ask('start', 'c', 'need');
    ['c', 'need'].forEach(spawned);
    expect([ask('start', 'b'), ask('start', 'e')]).toEqual([[], ['doom e']]);
    expect(exited('need', failed)).toEqual(['doom b']);
    expect([ask('start', 'd'), ask('start', 'e')]).toEqual([[], ['doom e']]);
    expect(exitOf('e')).toMatchObject({ error: 'ECAP', message: "cap 'db' is full (hard limit 2): c, d" });
  });

  test('because its cap is full dooms those that need it, with the chain', () => {
    const { ask, spawned, exited, exitOf } = setUp(
      ['x db', 'a db', 'b >a', 'c gpu >b', 'd gpu'],
      [cap('db', 1, 1), cap('gpu', 1)],
    );
    expect(ask('start', 'x')).toEqual(['spawn x']);
    expect(ask('start', 'c')).toEqual(['doom a', 'doom b', 'doom c']);
    expect(exitOf('c')).toMatchObject({ message: expect.stringContaining("'b', which needs 'a'") as string });
    // Nothing of it is left in the other cap.
    expect(ask('start', 'd')).toEqual(['spawn d']);
    spawned('x');
    expect(exited('x')).toEqual([]);
    expect(ask('start', 'c')).toEqual(['spawn a']);
  });
});

describe('a client', () => {
  test('waits among the members', () => {
    const { ask, claim, unclaim, spawned, exited, awaited } = setUp(['a db', 'b db'], [cap('db', 1)]);
    expect(claim(1, 'db')).toEqual(['grant 1']);
    expect(ask('start', 'a')).toEqual([]);
    expect(awaited('a')).toEqual([{ cap: 'db', usedBy: ['pool 1'] }]);
    expect(claim(2, 'db')).toEqual([]);
    expect(ask('start', 'b')).toEqual([]);
    expect(unclaim(1)).toEqual(['spawn a']);
    spawned('a');
    expect(exited('a')).toEqual(['grant 2']);
    expect(unclaim(2)).toEqual(['spawn b']);
  });

  test('that goes does not wait any more', () => {
    const { claim, unclaim } = setUp([], [cap('db', 1)]);
    expect([claim(1, 'db'), claim(2, 'db'), claim(3, 'db')].flat()).toEqual(['grant 1']);
    expect(unclaim(2)).toEqual([]);
    expect(unclaim(1)).toEqual(['grant 3']);
  });

  test.each([
    ['nope', "unknown cap 'nope'"],
    ['db:9', "it uses 9 of cap 'db', which allows 4"],
    ['gpu', "cap 'gpu' is full (hard limit 1): pool 1"],
  ])('is refused %s', (word, message) => {
    const { claim } = setUp([], [cap('db', 4), cap('gpu', 1, 1)]);
    claim(1, 'gpu');
    expect(claim(2, word)).toEqual([`refuse 2: ${message}`]);
  });

  test('is told when the run ends, and what it has it keeps', () => {
    const { claim, send } = setUp([], [cap('db', 1)]);
    claim(1, 'db');
    claim(2, 'db');
    expect(send({ type: 'close', cause: { by: 'signal', signal: 'SIGTERM' }, signal: 'SIGTERM' })).toEqual([
      'refuse 2: the supervisor is shutting down',
    ]);
  });
});

describe('a reload', () => {
  test('that raises a cap starts those that wait', () => {
    const { ask, reform } = setUp(['a db', 'b db', 'c db'], [cap('db', 1)]);
    ask('start', 'a', 'b', 'c');
    expect(reform(['a db', 'b db', 'c db'], [cap('db', 2)])).toEqual(['spawn b']);
  });

  test('counts what runs by what it says now', () => {
    const { ask, reform } = setUp(['a db', 'b db'], [cap('db', 1)]);
    ask('start', 'a', 'b');
    expect(reform(['a', 'b db'])).toEqual(['spawn b']);
  });

  test('that takes away one that waits lets the next one in', () => {
    const { ask, spawned, exited, reform } = setUp(['a db', 'b db', 'c db'], [cap('db', 1)]);
    ask('start', 'a', 'b', 'c');
    expect(reform(['a db', 'c db'])).toEqual([]);
    spawned('a');
    expect(exited('a')).toEqual(['spawn c']);
  });
});
