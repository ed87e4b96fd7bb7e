import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LONGEST_DURATION_MS } from '../../src/text/duration.ts';
import { systemClock } from '../../src/os/clock.ts';

test('time goes forward, in milliseconds', () => {
  const [before, wallBefore] = [systemClock.now(), Date.now()];
  const passed = systemClock.now() - before;
  expect(passed).toBeGreaterThanOrEqual(0);
  expect(passed).toBeLessThan(60_000);
  expect(systemClock.wallNow() - wallBefore).toBeGreaterThanOrEqual(0);
});

describe('a callback', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is made once, after its time', () => {
    const callback = vi.fn();
    systemClock.after(1000, callback);
    vi.advanceTimersByTime(999);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(callback).toHaveBeenCalledOnce();
  });

  test('is not made when it was cancelled', () => {
    const callback = vi.fn();
    systemClock.after(1000, callback)();
    vi.advanceTimersByTime(10_000);
    expect(callback).not.toHaveBeenCalled();
  });

  // setTimeout takes 31 bits, and calls back at once where they do not suffice.
  test('can be as far away as any duration that users may write', () => {
    const callback = vi.fn();
    systemClock.after(LONGEST_DURATION_MS, callback);
    vi.advanceTimersByTime(LONGEST_DURATION_MS - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
  });

  test('can be farther away than a timer of the system goes', () => {
    const FAR_MS = 3 * 2 ** 31;
    const callback = vi.fn();
    systemClock.after(FAR_MS, callback);
    vi.advanceTimersByTime(FAR_MS - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
  });

  test('that is far away can be cancelled at any time', () => {
    const callback = vi.fn();
    const cancel = systemClock.after(2 ** 32, callback);
    vi.advanceTimersByTime(2 ** 31);
    cancel();
    vi.advanceTimersByTime(2 ** 33);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a callback that is late comes after what has happened meanwhile, and can still be cancelled', async () => {
  const heard: string[] = [];
  const child = spawn('true', { stdio: 'ignore' });
  const exit = once(child, 'exit').then(() => heard.push('exit'));
  const timer = new Promise<void>((resolve) => {
    systemClock.after(1, () => {
      heard.push('timer');
      cancel();
      setImmediate(resolve);
    });
  });
  const cancel = systemClock.after(1, () => heard.push('cancelled'));
  const late = systemClock.now() + 50;
  while (systemClock.now() < late || !hasEnded(child.pid ?? 0));
  await Promise.all([exit, timer]);
  expect(heard).toEqual(['exit', 'timer']);
});

/** Nobody has waited for it yet. */
function hasEnded(pid: number): boolean {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.startsWith('Z');
}

test('a callback for the next turn waits for no timer, and is not made when it was cancelled', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const cancelled = vi.fn();
    systemClock.after(0, cancelled)();
    await new Promise<void>((resolve) => void systemClock.after(0, resolve));
    expect(cancelled).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});
