/** Starts as their events tell them: what waited for what, and what decided how long the whole took. */
import { expect, test } from 'vitest';
import { analyzeStart, type Analyzed, type TimedEvent } from '../../src/core/analyze.ts';
import type { Event, Verb } from '../../src/core/events.ts';

const member = (name: string, ...needs: readonly string[]): Analyzed => {
  const [process = ''] = name.split('.');
  return {
    ...{ name, process, readiness: process === 'migrate' ? 'ended' : 'probed' },
    needs: needs.map((need) => ({
      process: need.replace('!', ''),
      until: need === 'migrate' ? 'succeeded' : need.endsWith('!') ? 'started' : 'ready',
    })),
  };
};

const MEMBERS = [
  member('web.1', 'cache', 'migrate'),
  member('db.1'),
  member('cache.1'),
  member('migrate.1', 'db'),
  member('worker.1', 'cache!'),
];
const ALL = MEMBERS.map(({ name }) => name);

const requested = (verb: Verb, ...names: readonly string[]): Event => ({
  type: 'requested',
  verb,
  names,
  cause: { by: 'request' },
});
const scheduled = (name: string): Event => ({
  ...{ type: 'requested', verb: 'start', names: [name] },
  cause: { by: 'schedule', due: '2026-01-01T00:00:00.000Z' },
});
const waiting = (name: string): Event => ({ type: 'waiting', name, needs: [] });
const started = (name: string): Event => ({ type: 'started', name, run: 1, pid: 1 });
const ready = (name: string): Event => ({ type: 'ready', name, run: 1, afterMs: 1, isUsual: false });
const exited = (name: string, code = 0, asked = false): Event => ({
  ...{ type: 'exited', name, run: 1, asked },
  exit: { by: 'code', code },
});
const restarting = (name: string): Event => ({ type: 'restarting', name, delayMs: 0, restarts: 1 });
const doomed = (name: string): Event => ({ type: 'doomed', name, exit: { by: 'code', code: 1 } });
const needed = (name: string): Event => ({ type: 'needed', name, by: 'web' });
const followed = (name: string): Event => ({ type: 'followed', name, need: 'db', how: 'restart' });

const BEGIN = 1_000_000;
const at = (story: readonly (readonly [ms: number, event: Event])[]): readonly TimedEvent[] =>
  story.map(([ms, event], index) => ({ seq: index + 1, wallMs: BEGIN + ms, event }));

/** `*web.1 ready migrate.1+1200 =900 @2100`: after migrate.1, for which it waited; what it took; when it ended. */
function told(
  story: readonly (readonly [number, Event])[],
  names?: readonly string[],
  members: readonly Analyzed[] = MEMBERS,
): readonly string[] | undefined {
  const found = analyzeStart(at(story).toReversed(), members, BEGIN + 9000, names);
  if (found === undefined) return undefined;
  const { verb, sinceMs, tookMs, instances } = found;
  return [
    `${verb} @${String(sinceMs - BEGIN)} took ${String(tookMs)}`,
    ...instances.map(({ name, end, after, waitedMs, tookMs: took, endMs, failedRuns, isCritical }) =>
      [
        `${isCritical ? '*' : ''}${name} ${end}`,
        ...(after === null ? [] : [`${after.name}+${String(waitedMs)}`]),
        `=${String(took)} @${String(endMs)}`,
        ...(failedRuns === 0 ? [] : [`failed ${String(failedRuns)}`]),
      ].join(' '),
    ),
  ];
}

const START: readonly (readonly [number, Event])[] = [
  [0, requested('start', ...ALL)],
  [0, waiting('web.1')],
  [0, waiting('migrate.1')],
  [0, waiting('worker.1')],
  [10, started('db.1')],
  [20, started('cache.1')],
  [20, started('worker.1')],
  [300, ready('cache.1')],
  [600, ready('db.1')],
  [610, started('migrate.1')],
  [1020, ready('worker.1')],
  [1100, exited('migrate.1')],
  [1110, started('web.1')],
];
const WHOLE: typeof START = [...START, [2000, ready('web.1')]];

test('the chain is what each waited for last, and its times add up to the whole', () => {
  expect(told(WHOLE)).toEqual([
    'start @0 took 2000',
    '*db.1 ready =600 @600',
    '*migrate.1 succeeded db.1+600 =500 @1100',
    '*web.1 ready migrate.1+1100 =900 @2000',
    'cache.1 ready =300 @300',
    'worker.1 ready cache.1+20 =1000 @1020',
  ]);
});

test('what goes on ends the chain, and counts until now', () => {
  expect(told(START)?.filter((line) => line.startsWith('start') || line.includes('web'))).toEqual([
    'start @0 took null',
    '*web.1 starting migrate.1+1100 =7900 @null',
  ]);
  expect(told(START.slice(0, 9))?.slice(1)).toEqual([
    '*db.1 ready =600 @600',
    '*migrate.1 waiting db.1+600 =null @null',
    '*web.1 waiting migrate.1+9000 =null @null',
    'cache.1 ready =300 @300',
    'worker.1 starting cache.1+20 =8980 @null',
  ]);
});

test('with names, only these and what they waited for', () => {
  expect(told(WHOLE, ['worker.1'])).toEqual([
    'start @0 took 1020',
    '*cache.1 ready =300 @300',
    '*worker.1 ready cache.1+20 =1000 @1020',
  ]);
  expect(told([[0, requested('stop', 'web.1')]], ['web.1'])).toBeUndefined();
});

test.each<readonly [string, typeof START, readonly string[] | undefined]>([
  [
    'runs that failed before it was ready count, and a crash after that does not',
    [
      [0, requested('start', 'db.1')],
      [0, started('db.1')],
      [100, exited('db.1', 1)],
      [100, restarting('db.1')],
      [200, started('db.1')],
      [500, ready('db.1')],
      [800, exited('db.1', 1)],
      [800, restarting('db.1')],
      [900, started('db.1')],
    ],
    ['start @0 took 500', '*db.1 ready =500 @500 failed 1'],
  ],
  [
    'what fails for good takes those that wait for it along',
    [
      [0, requested('start', 'db.1', 'migrate.1')],
      [0, waiting('migrate.1')],
      [0, started('db.1')],
      [100, exited('db.1', 1)],
      [100, doomed('migrate.1')],
    ],
    ['start @0 took 100', '*db.1 failed =100 @100 failed 1', '*migrate.1 failed db.1+100 =0 @100'],
  ],
  [
    'a restart counts from the end of the earlier run, and brings those along that follow it',
    [
      [0, requested('restart', 'db.1')],
      [0, followed('migrate.1')],
      [30, exited('migrate.1', 0, true)],
      [30, waiting('migrate.1')],
      [40, exited('db.1', 0, true)],
      [50, started('db.1')],
      [200, ready('db.1')],
      [210, started('migrate.1')],
      [300, exited('migrate.1')],
    ],
    ['restart @0 took 300', '*db.1 ready =160 @200', '*migrate.1 succeeded db.1+170 =100 @300'],
  ],
  [
    'what is needed is part of a start, and what ran already is not',
    [
      [0, requested('start', 'migrate.1', 'worker.1')],
      [0, needed('db.1')],
      [0, waiting('migrate.1')],
      [10, started('db.1')],
      [500, ready('db.1')],
      [510, started('migrate.1')],
      [600, exited('migrate.1')],
      [900, exited('worker.1', 1)],
      [900, restarting('worker.1')],
      [950, started('worker.1')],
    ],
    ['start @0 took 600', '*db.1 ready =500 @500', '*migrate.1 succeeded db.1+500 =100 @600'],
  ],
  [
    'a later request that starts nothing, a schedule and a stop leave the last start what it is',
    [
      [0, requested('start', 'db.1')],
      [0, started('db.1')],
      [100, requested('start', 'db.1')],
      [300, ready('db.1')],
      [400, scheduled('worker.1')],
      [410, started('worker.1')],
      [500, requested('stop', 'db.1')],
      [510, exited('db.1', 0, true)],
    ],
    ['start @0 took 300', '*db.1 ready =300 @300'],
  ],
  [
    'a stop before it is ready ends the start',
    [
      [0, requested('start', 'db.1')],
      [0, started('db.1')],
      [100, requested('stop', 'db.1')],
      [110, exited('db.1', 0, true)],
    ],
    ['start @0 took 100', '*db.1 stopped =100 @100'],
  ],
  ['nothing was started', [[0, requested('start', 'db.1')]], undefined],
  [
    'a clock that is put back makes no time negative',
    [
      [0, requested('start', 'db.1')],
      [-5000, started('db.1')],
      [-4000, ready('db.1')],
    ],
    ['start @0 took 0', '*db.1 ready =0 @0'],
  ],
])('%s', (_, story, expected) => {
  expect(told(story)).toEqual(expected);
});

test('a chain of a thousand is told whole', () => {
  const members = Array.from({ length: 1000 }, (_, index) =>
    index === 0 ? member('p0.1') : member(`p${String(index)}.1`, `p${String(index - 1)}`),
  );
  const story: (readonly [number, Event])[] = [[0, requested('start', ...members.map(({ name }) => name))]];
  for (const { name } of members.slice(1)) story.push([0, waiting(name)]);
  for (const [index, { name }] of members.entries())
    story.push([index * 10, started(name)], [(index + 1) * 10, ready(name)]);
  const lines = told(story, undefined, members) ?? [];
  expect(lines[0]).toBe('start @0 took 10000');
  expect(lines.filter((line) => line.startsWith('*'))).toHaveLength(1000);
});
