import { describe, expect, test } from 'vitest';
import {
  baselineOfStart,
  cpuIncreaseMs,
  cpuTotalMs,
  measureCpu,
  type ProcessTime,
} from '../../src/core/usage.ts';

const process = (pid: number, ownMs: number, reapedMs = 0, born = pid): ProcessTime => ({
  ...{ pid, born, ownMs, reapedMs },
});

describe('the CPU time between two moments of a tree', () => {
  const table: readonly [string, readonly ProcessTime[], readonly ProcessTime[], number][] = [
    ['nothing happened', [process(1, 100)], [process(1, 100)], 0],
    ['its only process worked', [process(1, 100)], [process(1, 130)], 30],
    ['all worked', [process(1, 100), process(2, 50)], [process(1, 110), process(2, 55)], 15],
    ['a birth', [process(1, 100)], [process(1, 110), process(2, 40)], 50],
    ['a child died and was reaped', [process(1, 100), process(2, 500)], [process(1, 110, 520)], 30],
    ['a child came and went unseen', [process(1, 100)], [process(1, 100, 700)], 700],
    [
      'a grandchild was reaped by a child that lives',
      [process(1, 10), process(2, 20, 5), process(3, 300)],
      [process(1, 10), process(2, 20, 315)],
      10,
    ],
    [
      'child and grandchild died and were reaped',
      [process(1, 10), process(2, 20), process(3, 300)],
      [process(1, 10, 340)],
      20,
    ],
    ['a new process has reaped children already', [process(1, 10)], [process(1, 10), process(2, 30, 60)], 90],
    ['an orphan died', [process(1, 100), process(2, 500)], [process(1, 120)], 20],
    ['a child was reaped by nobody, another lives', [process(1, 0), process(2, 90)], [process(1, 0)], 0],
    [
      'an orphan died while a greater child was reaped',
      [process(1, 0), process(2, 50), process(3, 500)],
      [process(1, 0, 510)],
      // 10 ms of the child, less the 50 of the orphan: never negative.
      0,
    ],
    ['a pid was used again', [process(1, 0), process(2, 500)], [process(1, 0), process(2, 30, 0, 99)], 30],
    [
      'a pid was used again, after a reap',
      [process(1, 0), process(2, 500)],
      [process(1, 0, 510), process(2, 30, 0, 99)],
      40,
    ],
    ['a process called exec: its times go on', [process(1, 80, 5)], [process(1, 90, 5)], 10],
    ['nobody was there before', [], [process(1, 80, 5)], 85],
    ['nobody is left', [process(1, 80, 5)], [], 0],
    ['a time fell', [process(1, 80)], [process(1, 70)], 0],
  ];
  test.each(table)('%s', (_, before, now, expected) => {
    expect(cpuIncreaseMs(before, now)).toBe(expected);
  });

  test('begins with all there is', () => {
    expect(cpuTotalMs([process(1, 80, 5), process(2, 1)])).toBe(86);
  });
});

describe('percent of one core', () => {
  test('is the average of its life at first', () => {
    expect(measureCpu(baselineOfStart(1000), 2500, 11_000).percent).toBe(25);
  });

  test('is that since the last measure then', () => {
    const first = measureCpu(baselineOfStart(0), 5000, 10_000);
    const second = measureCpu(first.baseline, 5900, 11_000);
    expect(second.percent).toBe(90);
    expect(measureCpu(second.baseline, 5900, 13_000).percent).toBe(0);
  });

  test('may be more than 100', () => {
    expect(measureCpu(baselineOfStart(0), 4000, 1000).percent).toBe(400);
  });

  test('stays as it was when measured again at once, and nothing is lost by that', () => {
    const first = measureCpu(baselineOfStart(0), 500, 1000);
    const again = measureCpu(first.baseline, 600, 1199);
    expect(again.percent).toBe(50);
    expect(measureCpu(again.baseline, 700, 1200).percent).toBe(100);
  });

  test('is not made large by a life of few milliseconds', () => {
    const young = measureCpu(baselineOfStart(1000), 10, 1000);
    expect(young.percent).toBe(5);
    expect(measureCpu(young.baseline, 100, 1200).percent).toBe(50);
  });

  test('is never negative', () => {
    expect(measureCpu({ atMs: 0, cpuMs: 900, percent: 90 }, 100, 1000).percent).toBe(0);
  });
});
