/** What of the exchange is told as events, and how much of it. */
import { expect, test } from 'vitest';
import type { ExchangeEvent } from '../../../src/core/events.ts';
import { createMemoryStore } from '../../../src/os/messages/memory-store.ts';
import { StoreFull, type MessageStore } from '../../../src/ports/message-store.ts';
import { createExchange } from '../../../src/runtime/exchange/exchange.ts';
import type { Holder } from '../../../src/runtime/exchange/holder.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

const EPOCHS = [{ firstSeq: 1, epoch: 'abc' }];

function setUp(remarks: readonly string[] = [], isFull: () => boolean = () => false) {
  const clock = createVirtualClock();
  const told: ExchangeEvent[] = [];
  const store = createMemoryStore(EPOCHS);
  const durable: MessageStore = {
    ...store,
    write(changes) {
      if (isFull()) throw new StoreFull('no room on the disk');
      store.write(changes);
    },
    hasRoom: () => !isFull(),
    makeRoom: () => false,
  };
  const exchange = createExchange({
    ...{ clock, durable, remarks, memory: createMemoryStore(EPOCHS) },
    connect: () => Promise.reject(new Error('no engine here')),
    tell: (event) => void told.push(event),
  });
  const { queues, locks } = exchange;
  const client = { holder: undefined, gone: new AbortController().signal };
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined);
    for (let turn = 0; turn < 5; turn += 1) {
      clock.advance(0);
      await Promise.resolve();
    }
    return promise;
  };
  const put = (name: string, count: number) =>
    settled(
      queues.open(name).put(
        Array.from({ length: count }, (_, index) => ({ body: String(index), bytes: 2, attempts: 1 })),
        0,
        client,
      ),
    );
  /** Each of them fails once, which is all that it may. */
  const fail = async (name: string, count: number, failure: string): Promise<void> => {
    await put(name, count);
    const queue = queues.open(name);
    const given = await settled(queue.get(count, 0, 1000, client));
    await settled(
      queue.nack(
        given.map(({ lease }) => lease),
        { failure, again: false },
      ),
    );
  };
  return { clock, told, locks, put, fail, close: () => exchange.close() };
}

const typesOf = (told: readonly ExchangeEvent[]): readonly string[] => told.map(({ type }) => type);

test('a message that has no attempt left is told, with its id, attempts and reason', async () => {
  const { told, fail } = setUp();
  await fail('mail', 1, 'no such address');
  expect(told).toEqual([
    { type: 'message-dead', queue: 'mail', id: 'abc-1', attempts: 1, reason: 'no such address' },
  ]);
});

test('of many in a short time ten are told, and the others as a number when the time is over', async () => {
  const { told, fail, clock } = setUp();
  await fail('mail', 25, 'no');
  await fail('images', 25, 'no');
  expect(typesOf(told)).toEqual(Array.from({ length: 10 }, () => 'message-dead'));
  clock.advance(10_000);
  expect(told.slice(10)).toEqual([{ type: 'messages-dead', queues: ['mail', 'images'], count: 40 }]);
  // After that they are told one by one again.
  await fail('mail', 1, 'no');
  expect(typesOf(told).slice(11)).toEqual(['message-dead']);
  clock.advance(60_000);
  expect(told).toHaveLength(12);
});

test('nothing is told, and no timer is left, after the end', async () => {
  const { told, fail, clock, close } = setUp();
  await fail('mail', 15, 'no');
  close();
  clock.advance(60_000);
  expect(told).toHaveLength(10);
  expect(clock.timerCount).toBe(0);
});

test('a full disk is told once, and that it has room again when nothing was refused for a while', async () => {
  let isFull = false;
  const { told, put, clock } = setUp([], () => isFull);
  await put('mail', 1);
  expect(told).toEqual([]);
  isFull = true;
  for (let turn = 0; turn < 3; turn += 1) await expect(put('mail', 1)).rejects.toThrow();
  expect(told).toEqual([{ type: 'store-full', reason: 'no room on the disk' }]);
  isFull = false;
  await put('mail', 1);
  clock.advance(4000);
  isFull = true;
  await expect(put('mail', 1)).rejects.toThrow();
  clock.advance(60_000);
  expect(told).toHaveLength(1);
  isFull = false;
  await put('mail', 1);
  clock.advance(5000);
  expect(told.slice(1)).toEqual([{ type: 'store-recovered' }]);
});

test('why messages are in memory only is told with the first queue, and only then', async () => {
  const { told, put, locks } = setUp(['queues are kept in memory only: no SQLite']);
  expect(locks.list()).toEqual([]);
  expect(told).toEqual([]);
  await put('mail', 1);
  await put('images', 1);
  expect(told).toEqual([{ type: 'store-remark', reason: 'queues are kept in memory only: no SQLite' }]);
});

function session(pid: number) {
  const releases: (() => void)[] = [];
  const holder: Holder = {
    ...{ id: pid, client: { pid, command: 'lock x' }, hasEnded: false },
    onEnd(release) {
      releases.push(release);
      return () => undefined;
    },
    tell: () => true,
    drained: () => Promise.resolve(),
  };
  return {
    holder,
    end: () => {
      for (const release of releases) release();
    },
  };
}

test('a lock whose holder ended is told, and not one that was shared, only waited for or released', async () => {
  const { told, locks } = setUp();
  const [one, two] = [session(1), session(2)];
  await locks.request({ name: 'mine' }, one.holder);
  await locks.request({ name: 'shared', mode: 'shared' }, one.holder);
  const given = await locks.request({ name: 'given-back' }, one.holder);
  if ('grant' in given) locks.release('given-back', given.grant, one.holder);
  const waiting = locks.request({ name: 'mine' }, two.holder);
  one.end();
  expect(await waiting).toMatchObject({ abandoned: true });
  expect(told).toEqual([{ type: 'lock-abandoned', lock: 'mine', pid: 1, command: 'lock x' }]);
  const third = session(3);
  const alsoWaiting = locks.request({ name: 'mine' }, third.holder);
  third.end();
  expect(await alsoWaiting).toHaveProperty('refused');
  expect(told).toHaveLength(1);
});

test('of one that held many, ten are told and the others counted', async () => {
  const { told, locks, clock } = setUp();
  const one = session(1);
  for (let index = 0; index < 50; index += 1) await locks.request({ name: `l${String(index)}` }, one.holder);
  one.end();
  clock.advance(10_000);
  expect(told).toHaveLength(11);
  expect(told.at(-1)).toMatchObject({ type: 'locks-abandoned', count: 40 });
  const last = told.at(-1);
  expect(last?.type === 'locks-abandoned' && last.locks).toHaveLength(20);
});
