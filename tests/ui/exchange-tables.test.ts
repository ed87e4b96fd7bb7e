import { expect, test } from 'vitest';
import type { HeldLock, HeldQueue } from '../../src/core/exchange/held.ts';
import { byPlural, exchangeTables } from '../../src/ui/exchange-tables.ts';
import { plainTheme } from '../../src/ui/paint.ts';

const QUEUE: HeldQueue = {
  ...({ kind: 'queue', name: 'mail', ready: 0, delayed: 0, leased: 0, dead: 0 } as const),
  ...{ readers: 0, writers: 0, maxsize: null, paused: false, store: 'memory' },
};
const LOCK: HeldLock = {
  ...({ kind: 'lock', name: 'deploy', slots: 1, held: 1, waiting: 0, abandoned: false } as const),
  holders: [{ pid: 4711, command: 'deploy' }],
};

test('without anything there is no section, and in JSON each kind has its list', () => {
  expect(exchangeTables([], plainTheme)).toEqual([]);
  expect(byPlural([LOCK])).toEqual({
    ...{ queues: [], locks: [LOCK], sharedMemory: [] },
    ...{ values: [], flags: [], barriers: [], channels: [] },
  });
});

test.each<[Partial<HeldQueue>, string]>([
  [{}, 'mail       0        0       0     0        0  memory'],
  [{ paused: true }, 'mail       0        0       0     0        0  memory  paused'],
  [
    { maxsize: 5, writers: 2 },
    'mail       0        0       0     0        0  memory  at most 5, 2 waiting for room',
  ],
])('a queue: %j', (some, line) => {
  expect(exchangeTables([{ ...QUEUE, ...some }], plainTheme)).toEqual([[expect.any(String), line]]);
});

test.each<[Partial<HeldLock>, string]>([
  [{}, '4711 deploy'],
  [{ holders: [{ pid: null, command: null }] }, 'unknown'],
  [{ holders: [{ pid: 5, command: null }], held: 3 }, '5 and 2 more'],
  [{ holders: [], held: 0 }, '-'],
  [{ holders: [], held: 0, abandoned: true }, 'abandoned'],
])('the holders of a lock: %j', (some, wanted) => {
  const [[, line = ''] = []] = exchangeTables([{ ...LOCK, ...some }], plainTheme);
  expect(line).toMatch(new RegExp(` {2}${wanted}$`));
});

test('what would draw on the terminal is made visible', () => {
  const holders = [{ pid: 1, command: 'x\u001b[2J\n' }];
  expect(exchangeTables([{ ...LOCK, holders }], plainTheme)[0]?.[1]).toMatch(/1 x␛\[2J/);
});
