import { describe, expect, test } from 'vitest';
import { createUsageHistory, HISTORY_POINTS } from '../../src/core/usage-history.ts';

/** The last `count` points, and that all before are empty. */
function lastOf<T>(points: readonly (T | null)[], count: number): readonly (T | null)[] {
  expect(points).toHaveLength(HISTORY_POINTS);
  expect(points.slice(0, -count).every((point) => point === null)).toBe(true);
  return points.slice(-count);
}

describe('the history of an instance', () => {
  test('is empty at first', () => {
    const { cpu, memory } = createUsageHistory().read();
    expect(cpu).toEqual(Array(HISTORY_POINTS).fill(null));
    expect(memory).toEqual(Array(HISTORY_POINTS).fill(null));
  });

  test('ends with the newest, and has gaps where nothing was measured', () => {
    const history = createUsageHistory();
    history.push(1000, 12.34, 5_000_000_001);
    history.push(1001, null, 7);
    history.push(1003, 0, null);
    expect(lastOf(history.read().cpu, 4)).toEqual([12.34, null, null, 0]);
    expect(lastOf(history.read().memory, 4)).toEqual([5_000_000_001, 7, null, null]);
  });

  test('is read up to another second', () => {
    const history = createUsageHistory();
    history.push(10, 1, 10);
    history.push(11, 2, 20);
    expect(lastOf(history.read(13).cpu, 4)).toEqual([1, 2, null, null]);
    expect(lastOf(history.read(10).cpu, 1)).toEqual([1]);
    expect(lastOf(history.read(10_000).cpu, 1)).toEqual([null]);
  });

  test('keeps the last figure of a second, and no gap replaces it', () => {
    const history = createUsageHistory();
    history.push(10, 1, 10);
    history.push(10, 2, 20);
    history.push(10, null, null);
    expect(lastOf(history.read().cpu, 1)).toEqual([2]);
    expect(lastOf(history.read().memory, 1)).toEqual([20]);
  });

  test('keeps ten minutes', () => {
    const history = createUsageHistory();
    for (let second = 0; second < 1500; second += 1) history.push(second, second, second);
    const { cpu, memory } = history.read();
    expect(cpu).toEqual(Array.from({ length: 600 }, (_, index) => 900 + index));
    expect(memory).toEqual(cpu);
  });

  test('forgets what was before a long silence', () => {
    const history = createUsageHistory();
    for (let second = 0; second < 600; second += 1) history.push(second, 1, 1);
    history.push(1100, 2, 2);
    const { cpu } = history.read();
    expect(cpu.slice(0, 99)).toEqual(Array(99).fill(1));
    expect(cpu.slice(99, 599)).toEqual(Array(500).fill(null));
    history.push(1_000_000, 3, 3);
    expect(lastOf(history.read().cpu, 1)).toEqual([3]);
  });

  test('takes what comes late, unless it is too old', () => {
    const history = createUsageHistory();
    history.push(1000, 3, 3);
    history.push(999, 2, 2);
    history.push(400, 1, 1);
    expect(lastOf(history.read().cpu, 2)).toEqual([2, 3]);
  });

  test('may begin before zero', () => {
    const history = createUsageHistory();
    history.push(-1, 1, 1);
    history.push(0, 2, 2);
    expect(lastOf(history.read().cpu, 2)).toEqual([1, 2]);
  });
});
