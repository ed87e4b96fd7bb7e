import { expect, test } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { createSpawnQueue } from '../../src/runtime/spawn-queue.ts';

function setUp() {
  const turns: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    wallNow: () => 0,
    after(_ms, callback) {
      turns.push(callback);
      return () => undefined;
    },
  };
  const inTurn = createSpawnQueue(clock);
  const spawned: number[] = [];
  const ask = (from: number, to: number): void => {
    for (let at = from; at <= to; at += 1) inTurn(() => spawned.push(at));
  };
  /** One turn of the event loop; false when there was nothing to do in it. */
  const turn = (): boolean => {
    const due = turns.splice(0);
    for (const callback of due) callback();
    return due.length > 0;
  };
  return { turn, spawned, ask };
}

test('the first eight run at once, the others in later turns, in order', () => {
  const { turn, spawned, ask } = setUp();
  ask(1, 20);
  expect(spawned).toHaveLength(8);
  turn();
  expect(spawned).toHaveLength(16);
  turn();
  expect(spawned).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
});

test('who comes later waits behind those who wait', () => {
  const { turn, spawned, ask } = setUp();
  ask(1, 9);
  turn();
  ask(10, 10);
  expect(spawned).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a turn later there is room for eight again', () => {
  const { turn, spawned, ask } = setUp();
  ask(1, 8);
  while (turn());
  ask(9, 16);
  expect(spawned).toHaveLength(16);
  while (turn());
  expect(turn()).toBe(false);
});
