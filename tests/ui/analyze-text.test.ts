import { expect, test } from 'vitest';
import type { ReportedInstance, StartReport } from '../../src/core/start-report.ts';
import { analyzeText } from '../../src/ui/analyze-text.ts';
import { localTime } from '../../src/ui/event-line.ts';
import { plainTheme } from '../../src/ui/paint.ts';

const SINCE = '2026-01-31T12:00:00.000Z';

const one = (name: string, some: Partial<ReportedInstance> = {}): ReportedInstance => ({
  ...{ name, state: 'ready', waiting: null, started: 0, ended: 1, after: null },
  ...{ waited: 0, took: 1, failedRuns: 0, critical: false },
  ...some,
});

const START: StartReport = {
  ...{ verb: 'start', since: SINCE, took: 4, chain: ['db.1', 'web.1'] },
  instances: [
    one('db.1', { ended: 1, took: 1, critical: true, failedRuns: 2 }),
    one('web.1', {
      ...{ waiting: 0, waited: 1, started: 1, ended: 4, took: 3, critical: true },
      after: { name: 'db.1', until: 'ready' },
    }),
    one('cache.1', { state: 'failed', ended: 0.5, took: 0.5, failedRuns: 1 }),
  ],
};

const drawn = (report: StartReport, columns?: number, ascii = true): readonly string[] =>
  analyzeText(report, {
    ...{ theme: plainTheme, columns, ascii, nowMs: Date.parse(SINCE) + 8000 },
  }).split('\n');

test('a start is a tree with bars that share one scale', () => {
  expect(drawn(START, 70)).toEqual([
    `start of ${localTime(SINCE)}: took 4s`,
    'critical chain (*): db.1 1s, web.1 3s',
    '',
    '   NAME     STATE                  WAITED   TOOK  UNTIL  0s         4s',
    '*  db.1     ready (2 failed runs)       -     1s     1s  ###',
    '*  ` web.1  ready                      1s     3s     4s  ...##########',
    '   cache.1  failed                      -  500ms  500ms  ##',
    '',
  ]);
});

test('the bars of a narrow terminal keep their scale, and those of a wide one do not fill it', () => {
  expect(drawn(START, 20)[5]).toMatch(/ {2}\.\.\.?#{7,8}$/);
  expect(drawn(START, 500)[5]).toMatch(/ {2}\.{15}#{45}$/);
  expect(drawn(START, undefined, false)[5]).toMatch(/^\* {2}└ web.* {2}░{10}█{30}$/);
});

test('what goes on is drawn up to now', () => {
  const open: StartReport = {
    ...{ ...START, took: null, chain: ['db.1', 'web.1'] },
    instances: [
      one('db.1', { state: 'starting', ended: null, took: 8 }),
      one('web.1', {
        ...{ state: 'waiting', waiting: 4, waited: 4, started: null, ended: null, took: null },
        after: { name: 'db.1', until: 'ready' },
      }),
    ],
  };
  const lines = drawn(open);
  expect(lines.slice(0, 2)).toEqual([
    `start of ${localTime(SINCE)}: not finished yet`,
    'critical chain (*): db.1 8s, web.1',
  ]);
  expect(lines[4]).toMatch(/ starting {2,}- {2,}8s {2,}- {2}#{40}$/);
  expect(lines[5]).toMatch(/ waiting {2,}4s {2,}- {2,}- {22}\.{20}$/);
});

test('a long chain is not named whole, and a deep one does not push the figures away', () => {
  const names = Array.from({ length: 100 }, (_, index) => `p${String(index)}.1`);
  const instances = names.map((name, index) =>
    one(name, index === 0 ? {} : { after: { name: names[index - 1] ?? '', until: 'ready' }, waited: 1 }),
  );
  const lines = drawn({ ...START, chain: names, instances }, 100);
  expect(lines[1]).toBe('critical chain (*): p0.1 1s, p1.1 1s, ..., p97.1 1s, p98.1 1s, p99.1 1s');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
});

test('the name of a process cannot write on the terminal', () => {
  const lines = drawn({ ...START, instances: [one('\u001b[2Jx')] });
  expect(lines.join('')).not.toContain('\u001b');
});
