/** Queues with a store that the test controls, and time that it lets pass. */
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../src/os/messages/memory-store.ts';
import { StoreFull, type MessageStore } from '../../../src/ports/message-store.ts';
import type { QueueClient } from '../../../src/ports/queue-backend.ts';
import { createQueues, MOST_QUEUES } from '../../../src/runtime/exchange/queues/queues.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

const EPOCHS = [{ firstSeq: 1, epoch: 'abc' }];

function setUp(change: (store: MessageStore) => MessageStore = (store) => store) {
  const clock = createVirtualClock();
  const durable = change(createMemoryStore(EPOCHS));
  const queues = createQueues({
    ...{ clock, memory: createMemoryStore(EPOCHS), durable, remarks: [] },
    connect: () => Promise.reject(new Error('no engine here')),
  });
  const gone = new AbortController();
  const client: QueueClient = { holder: undefined, gone: gone.signal };
  /** The writes of a turn are made at its end. */
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined);
    clock.advance(0);
    await Promise.resolve();
    clock.advance(0);
    return promise;
  };
  const put = (...bodies: readonly string[]) =>
    settled(
      queues.open('q').put(
        bodies.map((body) => ({ body, bytes: body.length })),
        0,
        client,
      ),
    );
  return { clock, queues, client, gone, settled, put };
}

/** A disk: `room` is what it says, and `writes` how many changes each commit had. */
function disk(store: MessageStore) {
  const state = { isFull: false, hasBallast: true, writes: [] as number[] };
  const wrapped: MessageStore = {
    ...store,
    write(changes) {
      const isNew = changes.some((one) => 'changes' in one && one.changes.some(({ type }) => type === 'add'));
      if (state.isFull && (isNew || state.hasBallast)) throw new StoreFull('no room on the disk');
      state.writes.push(changes.reduce((sum, one) => sum + ('changes' in one ? one.changes.length : 1), 0));
      store.write(changes);
    },
    makeRoom() {
      state.hasBallast = false;
      return true;
    },
    hasRoom: () => (state.hasBallast ||= !state.isFull),
  };
  return { state, wrapped };
}

describe('a full disk', () => {
  test('refuses what is new, and lets what was taken be given out and end', async () => {
    let full: ReturnType<typeof disk>['state'] | undefined;
    const { queues, client, put, settled } = setUp((store) => {
      const { state, wrapped } = disk(store);
      full = state;
      return wrapped;
    });
    await put('a', 'b');
    if (full !== undefined) full.isFull = true;
    await expect(put('c')).rejects.toMatchObject({ why: 'not-written' });
    expect(queues.problem?.message).toBe('no room on the disk');
    const given = await settled(queues.open('q').get(5, 0, 1000, client));
    expect(given.map(({ body }) => body)).toEqual(['a', 'b']);
    expect(await settled(queues.open('q').ack(given.map(({ lease }) => lease)))).toEqual([]);
    await expect(put('d')).rejects.toMatchObject({ why: 'not-written' });
    if (full !== undefined) full.isFull = false;
    await put('e');
    expect((await queues.list())[0]).toMatchObject({ ready: 1, leased: 0 });
  });
});

test('what comes in one turn is one commit', async () => {
  let state: ReturnType<typeof disk>['state'] | undefined;
  const { queues, client, settled } = setUp((store) => {
    const made = disk(store);
    state = made.state;
    return made.wrapped;
  });
  const item = { body: 'x', bytes: 1 };
  const puts = Array.from({ length: 50 }, () => queues.open('q').put([item], 0, client));
  await settled(Promise.all(puts));
  // The queue itself is the first.
  expect(state?.writes).toEqual([51]);
});

test('a lease that nobody ends is over in time, and the message comes back after its back-off', async () => {
  const { clock, queues, client, put, settled } = setUp();
  await put('x');
  const [first] = await settled(queues.open('q').get(1, 0, 5000, client));
  clock.advance(4999);
  expect((await queues.list())[0]).toMatchObject({ leased: 1 });
  clock.advance(1);
  expect((await queues.list())[0]).toMatchObject({ leased: 0, delayed: 1 });
  clock.advance(1000);
  const [second] = await settled(queues.open('q').get(1, 0, 5000, client));
  expect([first?.lease, second?.lease]).toEqual(['abc-1.1', 'abc-1.2']);
  expect(await settled(queues.open('q').ack(['abc-1.1', 'abd-1.2', 'x']))).toEqual([
    'abd-1.2',
    'x',
    'abc-1.1',
  ]);
});

test('a single request that is given up takes no message', async () => {
  const { queues, client, gone, put, settled } = setUp();
  const waiting = queues.open('q').get(1, 60_000, 5000, client);
  gone.abort();
  expect(await settled(waiting)).toEqual([]);
  await put('x');
  expect((await queues.list())[0]).toMatchObject({ ready: 1, leased: 0 });
});

test('a queue that was only asked for makes room for another one', async () => {
  const { queues, client, put, settled } = setUp();
  await put('kept');
  const others = Array.from({ length: 2 * MOST_QUEUES }, (_, index) =>
    queues.open(`other${String(index)}`).get(1, 0, 1000, client),
  );
  expect((await settled(Promise.all(others))).flat()).toEqual([]);
  expect((await queues.list()).map(({ name }) => name)).toEqual(['q']);
  expect(await settled(queues.open('q').get(1, 0, 1000, client))).toHaveLength(1);
});

describe('the size of a message', () => {
  const MIB = 1024 * 1024;
  const large = (bytes: number) => 'x'.repeat(bytes);

  test('is at most 1 MiB, or what the rules say; what was put before stays', async () => {
    const { queues, client, put, settled } = setUp();
    await put(large(MIB));
    await expect(put('small', large(MIB + 1))).rejects.toMatchObject({
      why: 'too-large',
      message: "message too large (1048577 bytes; the limit of queue 'q' is 1MiB)",
      remedy: expect.stringContaining('procsup queue set q --max-message') as string,
    });
    await settled(queues.set('q', { maxMessageBytes: 2 * MIB }));
    await put(large(2 * MIB));
    await settled(queues.set('q', { maxMessageBytes: 3 }));
    await expect(put('four')).rejects.toMatchObject({ why: 'too-large' });
    // Nothing of a put is stored that has one too large, and what one answer holds goes by the largest.
    const get = () => settled(queues.open('q').get(5, 0, 1000, client));
    const sizes = [...(await get()), ...(await get())].map(({ body }) => body.length);
    expect(sizes).toEqual([MIB, 2 * MIB]);
  });

  test('is at most 1 MiB in a store that was written before there was a rule', async () => {
    const { settled, put, queues } = setUp((store) => ({
      ...store,
      queues: () => [{ id: 1, name: 'q', settings: { maxsize: null, attempts: 7, isPaused: false } }],
    }));
    await expect(put(large(MIB + 1))).rejects.toMatchObject({ why: 'too-large' });
    await put(large(MIB));
    await settled(queues.set('q', { maxMessageBytes: 2 * MIB }));
    await put(large(MIB + 1));
    expect((await queues.list())[0]).toMatchObject({ ready: 2, attempts: 7, maxMessageBytes: 2 * MIB });
  });

  test('and a list holds 16 MiB, or one', async () => {
    const { queues, put, settled } = setUp();
    await settled(queues.set('q', { maxMessageBytes: 16 * MIB }));
    for (const size of [6, 6, 6, 16]) await put(large(size * MIB));
    const listed = await queues.open('q').peek(10, 'waiting');
    expect(listed.map(({ body }) => body.length / MIB)).toEqual([6, 6]);
  });
});
