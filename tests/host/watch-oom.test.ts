import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.ts';
import type { Exit } from '../../src/core/process/exit.ts';
import { watchOom } from '../../src/host/watch-oom.ts';
import { createJournal } from '../../src/runtime/journal.ts';

const KILLED: Exit = { by: 'signal', signal: 'SIGKILL' };

function setUp(isOwn = true) {
  const journal = createJournal(() => 0);
  const told: Event[] = [];
  const kernel = { count: 7 as number | undefined };
  const watch = watchOom({
    journal,
    read: () => (kernel.count === undefined ? undefined : { count: kernel.count, isOwn }),
    record: (event) => told.push(event),
  });
  const exits = (name: string, exit: Exit = KILLED, asked = false): void =>
    journal.add({ type: 'exited', name, run: 1, exit, asked });
  return { kernel, told, exits, watch, journal };
}

const oom = (name: string, isCertain = true): Event => ({ type: 'out-of-memory', name, isCertain });

test('an exit by SIGKILL with a new kill in the count was for want of memory', () => {
  const { kernel, told, exits } = setUp();
  exits('a.1');
  expect(told).toEqual([]);
  kernel.count = 8;
  exits('b.1');
  exits('c.1');
  expect(told).toEqual([oom('b.1')]);
});

test('two kills are told of the two that ended next', () => {
  const { kernel, told, exits } = setUp(false);
  kernel.count = 9;
  for (const name of ['a.1', 'b.1', 'c.1']) exits(name);
  expect(told).toEqual([oom('a.1', false), oom('b.1', false)]);
});

test('what its own control group has told is not told again, and the next run is apart', () => {
  const { kernel, told, exits, journal } = setUp(false);
  journal.add({ type: 'limit-kept', name: 'a.1', limit: 'memory', max: 1, count: 1 });
  kernel.count = 8;
  exits('a.1');
  exits('b.1');
  expect(told).toEqual([]);
  journal.add({ type: 'started', name: 'a.1', run: 2, pid: 1 });
  kernel.count = 9;
  exits('a.1');
  expect(told).toEqual([oom('a.1', false)]);
});

test('other ends, and those that were asked for, are none', () => {
  const { kernel, told, exits } = setUp();
  kernel.count = 8;
  exits('a.1', { by: 'code', code: 137 });
  exits('a.1', { by: 'signal', signal: 'SIGTERM' });
  exits('a.1', KILLED, true);
  expect(told).toEqual([]);
});

test('nothing is told where the kernel does not count, and after the end', () => {
  const { kernel, told, exits, watch } = setUp();
  kernel.count = undefined;
  exits('a.1');
  kernel.count = 9;
  watch.close();
  exits('a.1');
  expect(told).toEqual([]);
});
