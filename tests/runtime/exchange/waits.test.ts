/** What the machines of values, flags, barriers and channels do not decide: sessions, time limits and bounds. */
import { expect, test } from 'vitest';
import type { Refused } from '../../../src/core/exchange/refusal.ts';
import { createBarriers } from '../../../src/runtime/exchange/barriers.ts';
import { createChannels } from '../../../src/runtime/exchange/channels.ts';
import { createFlags } from '../../../src/runtime/exchange/flags.ts';
import { heldBarriers, heldChannels, heldFlags, heldValues } from '../../../src/runtime/exchange/held.ts';
import type { Holder } from '../../../src/runtime/exchange/holder.ts';
import { createValues } from '../../../src/runtime/exchange/values.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

let sessions = 0;

function session() {
  const releases = new Set<() => void>();
  let hasEnded = false;
  const holder: Holder = {
    id: (sessions += 1),
    client: { pid: 100, command: 'procsup barrier' },
    get hasEnded() {
      return hasEnded;
    },
    onEnd(release) {
      releases.add(release);
      return () => void releases.delete(release);
    },
    tell: () => true,
    drained: () => Promise.resolve(),
  };
  const gone = new AbortController().signal;
  return {
    holder,
    releases,
    asking: { holder, gone },
    end(): void {
      hasEnded = true;
      for (const release of [...releases]) release();
    },
  };
}

const codeOf = async (asked: Promise<object | undefined> | object | undefined): Promise<string> => {
  const outcome = await asked;
  return outcome !== undefined && 'refused' in outcome ? (outcome as Refused).refused.code : 'well';
};

const shared = { most: 10, broadcast: false };

test('a time limit, a cancel, an end and a closed connection settle what waits, once', async () => {
  const clock = createVirtualClock();
  const flags = createFlags(clock);
  const [one, other] = [session(), session()];
  const request = new AbortController();
  const codes = Promise.all([
    codeOf(flags.wait('a', { ...one.asking, waitMs: 1000, token: 1 })),
    codeOf(flags.wait('a', { ...one.asking, token: 2 })),
    codeOf(flags.wait('a', { ...other.asking, token: 2 })),
    codeOf(flags.wait('a', { holder: undefined, gone: request.signal })),
    codeOf(flags.wait('a', { ...one.asking, waitMs: 0 })),
  ]);
  expect(flags.list()).toMatchObject([{ name: 'a', set: false, waiting: { length: 4 } }]);
  flags.cancel(2, one.holder);
  clock.advance(1000);
  other.end();
  request.abort();
  expect(await codes).toEqual([
    ...['flag-timeout', 'flag-cancelled', 'session-ended', 'session-ended', 'flag-timeout'],
  ]);
  expect(flags.list()).toEqual([]);
  expect(one.releases.size).toBe(0);
});

test('a party that ends or times out breaks the barrier for the others, by name, and it can be used again', async () => {
  const clock = createVirtualClock();
  const barriers = createBarriers(clock);
  const [one, two] = [session(), session()];
  const first = barriers.wait('b', 3, one.asking);
  const second = barriers.wait('b', 3, two.asking);
  expect(await codeOf(barriers.wait('b', 4, session().asking))).toBe('barrier-parties');
  one.end();
  expect(await codeOf(first)).toBe('session-ended');
  expect(await second).toMatchObject({
    refused: {
      code: 'barrier-broken',
      message: "barrier 'b' is broken: procsup barrier (pid 100) ended while it was waiting",
    },
  });
  const late = barriers.wait('b', 2, { ...two.asking, waitMs: 5 });
  clock.advance(5);
  expect(await codeOf(late)).toBe('barrier-timeout');
  const all = [two, session()].map(({ asking }) => barriers.wait('b', 2, asking));
  expect(await Promise.all(all)).toEqual([{ index: 0 }, { index: 1 }]);
  expect(barriers.list()).toEqual([]);
});

test('values: what they are, and when they are refused', async () => {
  const values = createValues(createVirtualClock());
  const is = (value: unknown) => expect(values.get('v')).toMatchObject({ value });
  expect(await codeOf(values.get('v'))).toBe('unknown-value');
  expect(values.increment('v', 2)).toMatchObject({ value: 2 });
  expect(values.increment('v', 0.5)).toMatchObject({ value: 2.5 });
  expect(values.set('v', Number.MAX_SAFE_INTEGER, false)).toMatchObject({ done: true });
  expect(await codeOf(values.increment('v', 1))).toBe('inexact');
  is(Number.MAX_SAFE_INTEGER);
  expect(values.set('v', { a: 1, b: [2] }, true)).toMatchObject({
    ...{ done: false, value: Number.MAX_SAFE_INTEGER },
  });
  values.set('v', { a: 1, b: [2] }, false);
  expect(values.compareAndSet('v', { b: [2], a: 1 }, 'x')).toMatchObject({ done: true });
  expect(values.compareAndSet('v', 'y', 1)).toMatchObject({ done: false, value: 'x' });
  expect(values.compareAndSet('w', 'y', 1)).toEqual({ done: false, version: 0 });
  expect(await codeOf(values.increment('v', 1))).toBe('not-a-number');
  expect(await codeOf(values.set('v', 'x'.repeat(256 * 1024), false))).toBe('value-too-large');
  let deep: unknown = 1;
  for (let depth = 0; depth < 65; depth += 1) deep = [deep];
  expect(await codeOf(values.set('v', deep, false))).toBe('value-too-deep');
  is('x');
});

test('one client cannot take memory without end', async () => {
  const clock = createVirtualClock();
  const [values, flags, channels] = [createValues(clock), createFlags(clock), createChannels(clock)];
  const one = session();
  const large = 'x'.repeat(255 * 1024);
  const set = Array.from({ length: 132 }, (_, at) => values.set(`v${String(at)}`, large, false));
  expect(await codeOf(set.at(-1))).toBe('value-too-many');
  // What is removed or replaced makes room.
  values.remove('v1');
  expect(await codeOf(values.set('new', large, false))).toBe('well');
  expect(await codeOf(values.set('v2', 1, false))).toBe('well');
  const watches = Array.from({ length: 10_001 }, () =>
    codeOf(values.watch('none', { after: 0 }, one.asking)),
  );
  expect(await watches.at(-1)).toBe('value-too-many');
  const waiting = Array.from({ length: 10_001 }, () => codeOf(flags.wait('f', one.asking)));
  expect(await waiting.at(-1)).toBe('flag-too-many');
  const flood = Array.from({ length: 66 }, () =>
    codeOf(channels.send('c', ['x'.repeat(1024 * 1024)], one.asking)),
  );
  expect(await flood.at(-1)).toBe('channel-too-many');
  one.end();
  expect(new Set(await Promise.all([...watches, ...waiting, ...flood]))).toEqual(
    new Set(['session-ended', 'value-too-many', 'flag-too-many', 'channel-too-many']),
  );
  expect([flags.list(), channels.list()]).toEqual([[], []]);
});

test('a receiver gets what another one could not be written, and the end when the last sender has gone', async () => {
  const channels = createChannels(createVirtualClock());
  const [sender, dead, next] = [session(), session(), session()];
  const given = channels.receive('c', shared, dead.asking);
  const sent = channels.send('c', ['a', 'b'], sender.asking);
  expect(await given).toEqual({ messages: ['a', 'b'], end: false });
  expect(await codeOf(sent)).toBe('well');
  dead.end();
  channels.takeBack('c', ['a', 'b']);
  sender.end();
  expect(await channels.receive('c', shared, next.asking)).toEqual({ messages: ['a', 'b'], end: false });
  expect(await channels.receive('c', shared, next.asking)).toEqual({ messages: [], end: true });
  expect(await codeOf(channels.receive('c', { most: 1, broadcast: true }, session().asking))).toBe(
    'channel-kind',
  );
  next.end();
  expect(channels.list()).toEqual([]);
});

test('a channel that is removed refuses what waits', async () => {
  const channels = createChannels(createVirtualClock());
  const one = session();
  const sent = codeOf(channels.send('c', ['a'], one.asking));
  expect(channels.list()).toEqual([{ name: 'c', senders: 1, receivers: 0, broadcast: false, waiting: 1 }]);
  expect(channels.remove('c')).toBeUndefined();
  expect(await sent).toBe('gone');
  expect(await codeOf(channels.remove('c'))).toBe('unknown-channel');
  one.end();
  expect(channels.list()).toEqual([]);
});

test('what they hold is told at a glance', () => {
  const clock = createVirtualClock();
  const values = createValues(clock);
  const [flags, barriers, channels] = [createFlags(clock), createBarriers(clock), createChannels(clock)];
  const { asking } = session();
  values.set('v', 'text', false);
  void values.watch('v', { after: 1 }, asking);
  void flags.wait('f', asking);
  void barriers.wait('b', 2, asking);
  void channels.send('c', ['a', 'b'], asking);
  expect(heldValues(values)).toEqual([{ kind: 'value', name: 'v', version: 1, size: 6, watchers: 1 }]);
  expect(heldFlags(flags)).toEqual([{ kind: 'flag', name: 'f', set: false, waiting: 1 }]);
  expect(heldBarriers(barriers)).toEqual([{ kind: 'barrier', name: 'b', parties: 2, waiting: 1 }]);
  expect(heldChannels(channels)).toEqual([
    { kind: 'channel', name: 'c', senders: 1, receivers: 0, broadcast: false, waiting: 2 },
  ]);
});
