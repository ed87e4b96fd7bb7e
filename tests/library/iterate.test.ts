import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { iterate, type Over } from '../../src/library/iterate.ts';

/** A source of which the test is the world. */
function setUp(past?: readonly (readonly number[])[]) {
  const waiting: (readonly number[])[] = [];
  const listeners = new Set<() => void>();
  const state = { isOver: false, takes: 0, isClosed: false, onTake: (): void => undefined };
  let wake = (): void => undefined;
  const over: Over = {
    get isOver() {
      return state.isOver;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const iterator = iterate<number>({
    over,
    past: past && batches(past),
    source(ring) {
      wake = ring;
      return {
        take() {
          state.takes += 1;
          state.onTake();
          return waiting.shift() ?? [];
        },
        close: () => void (state.isClosed = true),
      };
    },
  });
  return {
    iterator,
    state,
    listeners,
    give: (...batch: readonly number[]) => {
      waiting.push(batch);
      wake();
    },
    end: () => {
      state.isOver = true;
      for (const listener of listeners) listener();
    },
  };
}

async function* batches(all: readonly (readonly number[])[]): AsyncGenerator<readonly number[]> {
  for (const batch of all) {
    await setImmediate();
    yield batch;
  }
}

async function all(iterator: AsyncIterable<number>): Promise<readonly number[]> {
  const read: number[] = [];
  for await (const value of iterator) read.push(value);
  return read;
}

test('what was before comes first, then what comes, until it is over and all is taken', async () => {
  const { iterator, give, end, state, listeners } = setUp([[1, 2], [], [3]]);
  const read = all(iterator);
  give(4);
  give(5, 6);
  end();
  expect(await read).toEqual([1, 2, 3, 4, 5, 6]);
  expect(state.isClosed).toBe(true);
  expect(listeners.size).toBe(0);
});

test('nothing is taken before it is asked for, and one batch at a time', async () => {
  const { iterator, give, state } = setUp();
  give(1, 2);
  give(3);
  await setImmediate();
  expect(state.takes).toBe(0);
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  expect(await iterator.next()).toEqual({ done: false, value: 2 });
  expect(state.takes).toBe(1);
  expect(await Promise.all([iterator.next(), iterator.return?.()])).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('a wait ends when something comes, when it is over, and when the reader leaves', async () => {
  const first = setUp();
  const value = first.iterator.next();
  await setImmediate();
  first.give(1);
  expect(await value).toEqual({ done: false, value: 1 });
  const last = first.iterator.next();
  await setImmediate();
  first.end();
  expect(await last).toMatchObject({ done: true });
  expect(await first.iterator.next()).toMatchObject({ done: true });

  const second = setUp();
  const [one, two] = [second.iterator.next(), second.iterator.next()];
  await setImmediate();
  await second.iterator.return?.();
  expect(await Promise.all([one, two])).toMatchObject([{ done: true }, { done: true }]);
  expect(second.state.isClosed).toBe(true);
});

test('a source that has more than it looked at in one go is asked again, though it is over', async () => {
  const { iterator, state, end, give } = setUp();
  // As a source does it: by a timer, from within a take that found nothing.
  state.onTake = () => {
    if (state.takes === 1) setTimeout(() => give(7), 0);
  };
  end();
  expect(await all(iterator)).toEqual([7]);
});

test('a reader that is always served lets others have their turn', async () => {
  const { iterator, give } = setUp();
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) globalThis.setImmediate(turn);
  };
  globalThis.setImmediate(turn);
  for (let batch = 0; batch < 50; batch += 1) give(batch);
  for (let read = 0; read < 50; read += 1) await iterator.next();
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(50);
});
