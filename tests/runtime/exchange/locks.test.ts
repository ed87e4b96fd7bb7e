/** What `core/exchange/lock` does not decide: sessions, time limits and bounds. */
import { expect, test } from 'vitest';
import type { Refused } from '../../../src/core/exchange/refusal.ts';
import type { Holder } from '../../../src/runtime/exchange/holder.ts';
import { createLocks, type LockGrant, type LockOrder } from '../../../src/runtime/exchange/locks.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

function setUp() {
  const clock = createVirtualClock();
  const locks = createLocks(clock);
  let sessions = 0;
  const session = () => {
    const releases = new Set<() => void>();
    let hasEnded = false;
    const holder: Holder = {
      id: (sessions += 1),
      client: { pid: 100 + sessions },
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
    const end = (): void => {
      hasEnded = true;
      for (const release of releases) release();
    };
    const get = (order: Partial<LockOrder> = {}) => locks.request({ name: 'a', ...order }, holder);
    return { holder, end, get };
  };
  return { clock, locks, session };
}

const codeOf = async (asked: Promise<LockGrant | Refused>): Promise<string> => {
  const outcome = await asked;
  return 'refused' in outcome ? outcome.refused.code : 'granted';
};

const grantOf = async (asked: Promise<LockGrant | Refused>): Promise<LockGrant> => {
  const outcome = await asked;
  if ('refused' in outcome) throw new Error(outcome.refused.message);
  return outcome;
};

test('a time limit ends the wait, and not what was granted', async () => {
  const { clock, locks, session } = setUp();
  const [one, two] = [session(), session()];
  const first = await grantOf(one.get({ waitMs: 1000 }));
  const second = codeOf(two.get({ waitMs: 1000 }));
  clock.advance(1000);
  expect(await second).toBe('lock-timeout');
  expect(locks.list()).toMatchObject([{ holders: [{ pid: 101 }], waiting: [] }]);
  expect(locks.release('a', first.grant, one.holder)).toBeUndefined();
  expect(locks.list()).toEqual([]);
});

test('nobody releases or cancels what another session has', async () => {
  const { locks, session } = setUp();
  const [one, two, three] = [session(), session(), session()];
  const { grant } = await grantOf(one.get());
  expect(locks.release('a', grant, two.holder)).toMatchObject({ refused: { code: 'lock-not-held' } });
  expect(locks.release('b', grant, one.holder)).toMatchObject({ refused: { code: 'lock-not-held' } });
  const waiting = codeOf(two.get({ token: 7 }));
  locks.cancel(7, three.holder);
  locks.cancel(7, one.holder);
  expect(locks.list()[0]?.waiting.length).toBe(1);
  locks.cancel(7, two.holder);
  expect(await waiting).toBe('lock-cancelled');
  expect(locks.release('a', grant, one.holder)).toBeUndefined();
  expect(locks.release('a', grant, one.holder)).toMatchObject({ refused: { code: 'lock-not-held' } });
});

test('a session that ends settles what it waits for, and the next one is told', async () => {
  const { locks, session } = setUp();
  const [one, two, three] = [session(), session(), session()];
  await grantOf(one.get());
  const second = codeOf(two.get());
  const third = grantOf(three.get());
  two.end();
  expect(await second).toBe('session-ended');
  one.end();
  expect((await third).abandoned).toBe(true);
  three.end();
  expect(locks.list()).toMatchObject([{ name: 'a', abandoned: true, holders: [], waiting: [] }]);
  expect(await codeOf(three.get())).toBe('session-ended');
});

test('slots are agreed on while a lock is in use, and may change afterwards', async () => {
  const { locks, session } = setUp();
  const { holder, get } = session();
  const { grant } = await grantOf(get({ slots: 2 }));
  expect(await codeOf(get({ slots: 3 }))).toBe('lock-slots');
  expect(await codeOf(get({ mode: 'shared' }))).toBe('lock-slots');
  const other = await grantOf(get());
  expect(await codeOf(get({ waitMs: 0 }))).toBe('lock-busy');
  for (const one of [grant, other.grant]) locks.release('a', one, holder);
  expect(await codeOf(get({ slots: 3 }))).toBe('granted');
  expect(locks.list()).toMatchObject([{ slots: 3 }]);
});

test('one client cannot take memory without end', async () => {
  const { locks, session } = setUp();
  const { get, end } = session();
  const asked = Array.from({ length: 10_001 }, (_, at) => codeOf(get({ name: `l${String(at % 20_000)}` })));
  expect(await asked.at(-1)).toBe('lock-too-many');
  end();
  // Those that it had are abandoned: the oldest makes room for a new one.
  expect(locks.list().length).toBe(10_000);
  const other = session();
  expect(await codeOf(other.get({ name: 'new' }))).toBe('granted');
  expect(locks.list().length).toBe(10_000);
  expect((await grantOf(other.get({ name: 'l1' }))).abandoned).toBe(true);
});
