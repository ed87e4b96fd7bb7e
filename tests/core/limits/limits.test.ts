import { describe, expect, test } from 'vitest';
import {
  lookAt,
  memoryInDoubtFrom,
  NEW_LIMITS,
  type Look,
  type Used,
  type WatchedLimit,
} from '../../../src/core/limits/limits.ts';

const MEMORY: WatchedLimit = { kind: 'memory', max: 100, forMs: 3000, action: 'restart' };
const NOTHING: Used = { memory: 0, cpu: 0, processes: 1 };

interface Told {
  readonly at: number;
  readonly what: string;
}

/** Each row is one second: the looks of that second. Returns what was decided, and when. */
function story(rows: readonly (readonly Look[])[]): readonly Told[] {
  let state = NEW_LIMITS;
  return rows.flatMap((looks, at) => {
    const { state: next, excesses, recoveries } = lookAt(state, looks, at * 1000);
    state = next;
    return [
      ...excesses.map(({ name, limit, used, lastedMs }) => ({
        at,
        what: `${limit.action} ${name} ${limit.kind} ${String(used)} ${String(lastedMs)}`,
      })),
      ...recoveries.map(({ name, used }) => ({ at, what: `recovered ${name} ${String(used)}` })),
    ];
  });
}

const look = (used: Partial<Used> | undefined, more: Partial<Look> = {}): Look => ({
  ...{ name: 'web.1', process: 'web', run: 1, standing: 'settled', limits: [MEMORY] },
  used: used && { ...NOTHING, ...used },
  ...more,
});

describe('a limit', () => {
  const cases: readonly (readonly [
    title: string,
    memory: readonly (number | null)[],
    told: readonly Told[],
  ])[] = [
    ['that is not exceeded', [100, 100, 100, 100, 100], []],
    [
      'that is exceeded for long enough, once',
      [101, 102, 103, 104, 105, 106],
      [{ at: 3, what: 'restart web.1 memory 104 3000' }],
    ],
    ['that is exceeded for a while', [101, 101, 101, 100, 101, 101], []],
    [
      'that was exceeded again counts from there',
      [101, 100, 101, 101, 101, 101],
      [{ at: 5, what: 'restart web.1 memory 101 3000' }],
    ],
    [
      'of what cannot be told for a moment',
      [101, null, null, 101],
      [{ at: 3, what: 'restart web.1 memory 101 3000' }],
    ],
  ];
  test.each(cases)('%s', (_title, memory, told) => {
    expect(story(memory.map((value) => [look({ memory: value })]))).toEqual(told);
  });

  test('of no time counts at the first look', () => {
    const limits = [{ ...MEMORY, forMs: 0, action: 'stop' as const }];
    expect(story([[look({ memory: 101 }, { limits })]])).toEqual([
      { at: 0, what: 'stop web.1 memory 101 0' },
    ]);
  });

  test('warns once, and again when it was well below meanwhile', () => {
    const limits = [{ ...MEMORY, forMs: 0, action: 'warn' as const }];
    const rows = [101, 102, 95, 101, 90, 101].map((memory) => [look({ memory }, { limits })]);
    expect(story(rows)).toEqual([
      { at: 0, what: 'warn web.1 memory 101 0' },
      { at: 4, what: 'recovered web.1 90' },
      { at: 5, what: 'warn web.1 memory 101 0' },
    ]);
  });

  test('that a reload has changed is told anew, and does what it says now', () => {
    const warn = { ...MEMORY, forMs: 0, action: 'warn' as const };
    const rows = [warn, warn, { ...warn, max: 200 }, { ...warn, action: 'restart' as const }].map((limit) => [
      look({ memory: 201 }, { limits: [limit] }),
    ]);
    expect(story(rows)).toEqual([
      { at: 0, what: 'warn web.1 memory 201 0' },
      { at: 2, what: 'warn web.1 memory 201 2000' },
      { at: 3, what: 'restart web.1 memory 201 3000' },
    ]);
  });

  test('of memory asks for more than resident memory where that is at nine tenths of it', () => {
    expect(memoryInDoubtFrom([{ ...MEMORY, max: 1000 }])).toBe(900);
    expect(memoryInDoubtFrom([{ ...MEMORY, kind: 'cpu' }])).toBe(Infinity);
  });

  test('a new run begins anew', () => {
    const rows = [1, 1, 2, 2, 2, 2].map((run) => [look({ memory: 101 }, { run })]);
    expect(story(rows)).toEqual([{ at: 5, what: 'restart web.1 memory 101 3000' }]);
  });

  test('a run is stopped once, whichever limits it exceeds', () => {
    const limits = [
      { ...MEMORY, forMs: 0 },
      { kind: 'cpu', max: 1, forMs: 0, action: 'stop' },
      { kind: 'processes', max: 5, forMs: 0, action: 'warn' },
    ] as const;
    expect(story([[look({ memory: 101, cpu: 2, processes: 6 }, { limits })]])).toEqual([
      { at: 0, what: 'restart web.1 memory 101 0' },
    ]);
  });
});

describe('instances of a process are stopped one at a time', () => {
  const limits = [{ ...MEMORY, forMs: 0 }];
  const one = (more: Partial<Look>): Look => look({ memory: 101 }, { limits, ...more });
  const other = (more: Partial<Look> = {}): Look => one({ name: 'web.2', ...more });
  const first = { at: 0, what: 'restart web.1 memory 101 0' };

  test('the next when the first is settled again', () => {
    const rows = [
      [one({}), other()],
      [one({ standing: 'unsettled' }), other()],
      [one({ run: 2, standing: 'unsettled', used: undefined }), other()],
      [look({ memory: 1 }, { limits, run: 2, standing: 'unsettled' }), other()],
      [look({ memory: 1 }, { limits, run: 2 }), other()],
    ];
    expect(story(rows)).toEqual([first, { at: 4, what: 'restart web.2 memory 101 4000' }]);
  });

  test('or when the first has ended for good', () => {
    const rows = [
      [one({}), other()],
      [one({ standing: 'down', used: undefined }), other()],
    ];
    expect(story(rows)).toEqual([first, { at: 1, what: 'restart web.2 memory 101 1000' }]);
  });

  test('those of another process do not wait for it', () => {
    const rows = [[one({}), other({ name: 'api.1', process: 'api' })]];
    expect(story(rows)).toEqual([first, { at: 0, what: 'restart api.1 memory 101 0' }]);
  });

  test('a warning waits for nobody', () => {
    const warned = other({ limits: [{ ...MEMORY, forMs: 0, action: 'warn' }] });
    expect(story([[one({}), warned]])).toEqual([first, { at: 0, what: 'warn web.2 memory 101 0' }]);
  });
});
