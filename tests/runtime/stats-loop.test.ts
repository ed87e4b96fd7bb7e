import { describe, expect, test } from 'vitest';
import { createStatsLoop, type RunningInstance, type Usages } from '../../src/runtime/stats-loop.ts';
import { createFakeSampler } from '../helpers/fake-sampler.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

function setUp() {
  const clock = createVirtualClock();
  const sampler = createFakeSampler();
  const instances = new Map<string, RunningInstance>();
  const loop = createStatsLoop({ sampler, clock, roots: () => new Map(instances) });
  const run = (name: string, pid: number, cpuMs = 0) => {
    instances.set(name, { pid, startedAtMs: clock.now() });
    sampler.set(pid, { cpuMs });
  };
  /** Lets time pass in steps, and what was promised happen in between. */
  const pass = async (ms: number, stepMs = 50) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(Math.min(stepMs, ms - passed));
      await settle();
    }
  };
  return { clock, sampler, instances, loop, run, pass, sampleCount: () => sampler.asked.length };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A watcher that writes down when it was told, and of what. */
function notes(clock: { now(): number }) {
  const told: (readonly [atMs: number, usages: Usages])[] = [];
  return {
    told,
    listener: (usages: Usages) => void told.push([clock.now(), usages]),
    times: () => told.map(([atMs]) => atMs),
  };
}

describe('one look', () => {
  test('gives the average of its life at first, and what happened since then', async () => {
    const { clock, sampler, loop, run } = setUp();
    run('web.1', 10);
    clock.advance(10_000);
    sampler.set(10, { cpuMs: 2500, memoryBytes: 77 });
    expect(await loop.now()).toEqual(
      new Map([['web.1', { cpu: 25, memory: 77, memoryKind: 'pss', processes: 1 }]]),
    );
    clock.advance(1000);
    sampler.set(10, { cpuMs: 3500 });
    expect((await loop.now()).get('web.1')?.cpu).toBe(100);
  });

  test('is shared by all who look at the same time', async () => {
    const { loop, run, sampleCount } = setUp();
    run('web.1', 10);
    const looks = await Promise.all([loop.now(), loop.now(), loop.now()]);
    expect(sampleCount()).toBe(1);
    expect(looks[1]).toEqual(looks[0]);
  });

  test('is good for 200 ms', async () => {
    const { clock, loop, run, sampleCount } = setUp();
    run('web.1', 10);
    await loop.now();
    clock.advance(199);
    await loop.now();
    expect(sampleCount()).toBe(1);
    clock.advance(1);
    await loop.now();
    expect(sampleCount()).toBe(2);
  });

  test('is not good for a program that was not there', async () => {
    const { clock, loop, run, sampler, instances } = setUp();
    run('web.1', 10);
    await loop.now();
    run('web.2', 11);
    expect([...(await loop.now()).keys()]).toEqual(['web.1', 'web.2']);
    clock.advance(10);
    run('web.1', 12);
    await loop.now();
    instances.delete('web.2');
    expect([...(await loop.now()).keys()]).toEqual(['web.1']);
    expect(sampler.asked).toEqual([[10], [10, 11], [12, 11], [12]]);
  });

  test('that others began is waited for, when programs have changed since', async () => {
    const { loop, run, sampler } = setUp();
    run('web.1', 10);
    const release = sampler.hold();
    const early = loop.now();
    run('web.2', 11);
    const late = [loop.now(), loop.now()];
    await settle();
    expect(sampler.asked).toEqual([[10]]);
    release();
    expect([...(await early).keys()]).toEqual(['web.1']);
    for (const look of late) expect([...(await look).keys()]).toEqual(['web.1', 'web.2']);
    expect(sampler.asked).toEqual([[10], [10, 11]]);
  });

  test('sets no timer', async () => {
    const { clock, loop, run } = setUp();
    run('web.1', 10);
    await loop.now();
    expect(clock.timerCount).toBe(0);
  });

  test('gives null for a program that has died', async () => {
    const { loop, run, sampler } = setUp();
    run('web.1', 10);
    sampler.set(10, undefined);
    expect((await loop.now()).get('web.1')).toEqual({
      cpu: null,
      memory: null,
      memoryKind: null,
      processes: null,
    });
  });
});

describe('a new run of an instance', () => {
  test.each([
    ['of another pid', 11],
    ['of the same pid', 10],
  ])('%s begins anew', async (_, pid) => {
    const { clock, loop, run, sampler } = setUp();
    run('web.1', 10);
    sampler.set(10, { cpuMs: 90_000 });
    clock.advance(100_000);
    await loop.now();
    run('web.1', pid);
    clock.advance(1000);
    sampler.set(pid, { cpuMs: 300 });
    expect((await loop.now()).get('web.1')?.cpu).toBe(30);
  });
});

describe('watching', () => {
  test('tells at once and then every second', async () => {
    const { clock, loop, run, pass } = setUp();
    run('web.1', 10);
    const { listener, times, told } = notes(clock);
    loop.watch(listener);
    await pass(3000);
    expect(times()).toEqual([0, 1000, 2000, 3000].map((atMs) => (atMs === 0 ? 50 : atMs)));
    expect(told[0]?.[1].get('web.1')?.memory).toBe(1000);
  });

  test('has one timer, at the pace of the fastest, and each is told at its own', async () => {
    const { clock, loop, run, pass, sampleCount } = setUp();
    run('web.1', 10);
    const [slow, fast] = [notes(clock), notes(clock)];
    loop.watch(slow.listener);
    await pass(200);
    const leave = loop.watch(fast.listener, 250);
    expect(clock.timerCount).toBe(1);
    await pass(2000);
    expect(fast.told.length).toBeGreaterThanOrEqual(8);
    expect(slow.told.length).toBeLessThanOrEqual(3);
    leave();
    const [samples, heard] = [sampleCount(), fast.told.length];
    await pass(3000);
    expect(sampleCount() - samples).toBeLessThanOrEqual(4);
    expect(fast.told).toHaveLength(heard);
  });

  test('who comes later is told at once as well', async () => {
    const { clock, loop, run, pass } = setUp();
    run('web.1', 10);
    loop.watch(() => undefined);
    await pass(500);
    const late = notes(clock);
    loop.watch(late.listener);
    await settle();
    expect(late.times()).toEqual([500]);
  });

  test('is never faster than every 100 ms', async () => {
    const { loop, run, pass, sampleCount } = setUp();
    run('web.1', 10);
    loop.watch(() => undefined, 1);
    await pass(1000, 1);
    expect(sampleCount()).toBeGreaterThan(9);
    expect(sampleCount()).toBeLessThan(12);
  });

  test('goes on for ten seconds after the last has left, then stops', async () => {
    const { clock, loop, run, pass, sampleCount } = setUp();
    run('web.1', 10);
    const leave = loop.watch(() => undefined);
    await pass(1000);
    leave();
    leave();
    await pass(9500);
    expect(clock.timerCount).toBe(1);
    expect(sampleCount()).toBeGreaterThanOrEqual(10);
    await pass(2000);
    expect(clock.timerCount).toBe(0);
    const samples = sampleCount();
    await pass(5000);
    expect(sampleCount()).toBe(samples);
  });

  test('never has two samples at a time, and rests after a slow one', async () => {
    const { loop, run, pass, sampler, sampleCount } = setUp();
    run('web.1', 10);
    const release = sampler.hold();
    loop.watch(() => undefined);
    await pass(3000);
    expect(sampleCount()).toBe(1);
    release();
    await pass(2500);
    expect(sampleCount()).toBe(1);
    await pass(1000);
    expect(sampleCount()).toBe(2);
  });

  test('ends with close', async () => {
    const { clock, loop, run, pass, sampleCount } = setUp();
    run('web.1', 10);
    const { listener, told } = notes(clock);
    loop.watch(listener);
    await pass(1000);
    loop.close();
    const heard = told.length;
    const samples = sampleCount();
    await pass(3000);
    loop.watch(listener);
    expect(clock.timerCount).toBe(0);
    expect(told).toHaveLength(heard);
    expect(sampleCount()).toBe(samples);
    expect(await loop.now()).toEqual(new Map());
  });

  test('that is closed during a sample tells nobody', async () => {
    const { clock, loop, run, pass, sampler } = setUp();
    run('web.1', 10);
    const release = sampler.hold();
    const { listener, told } = notes(clock);
    loop.watch(listener);
    await pass(100);
    loop.close();
    release();
    await pass(3000);
    expect(told).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });
});

describe('history', () => {
  test('has a point for each second, whatever the phase', async () => {
    for (const startMs of [0, 1, 499, 500, 999]) {
      const { clock, loop, run, pass } = setUp();
      clock.advance(startMs);
      run('web.1', 10);
      loop.watch(() => undefined);
      await pass(20_000, 7);
      const { cpu, memory, stepMs, endMs } = loop.history('web.1');
      expect(cpu).toHaveLength(600);
      expect(memory.slice(-20)).toEqual(Array(20).fill(1000));
      expect(stepMs).toBe(1000);
      expect(Math.abs(endMs - clock.wallNow())).toBeLessThan(1100);
      loop.close();
    }
  });

  test('has gaps where nobody looked and where it did not run', async () => {
    const { clock, loop, run, sampler } = setUp();
    run('web.1', 10);
    clock.advance(500);
    for (const reading of [{ cpuMs: 500 }, undefined, { cpuMs: 500 }]) {
      sampler.set(10, reading);
      await loop.now();
      clock.advance(1000);
    }
    clock.advance(4000);
    await loop.now();
    const { memory } = loop.history('web.1');
    expect(memory.slice(-8)).toEqual([1000, null, 1000, null, null, null, null, 1000]);
  });

  test('goes on over a restart', async () => {
    const { clock, loop, run } = setUp();
    run('web.1', 10);
    clock.advance(500);
    await loop.now();
    run('web.1', 11);
    clock.advance(1000);
    await loop.now();
    expect(loop.history('web.1').memory.slice(-2)).toEqual([1000, 1000]);
  });

  test('is empty for one that was never seen', () => {
    const { loop } = setUp();
    expect(loop.history('web.9').cpu).toEqual(Array(600).fill(null));
  });

  test('of an instance that has gone is there for ten minutes', async () => {
    const { clock, loop, run, instances } = setUp();
    run('web.1', 10);
    await loop.now();
    instances.clear();
    clock.advance(500_000);
    await loop.now();
    expect(loop.history('web.1').memory).toContain(1000);
    clock.advance(101_000);
    await loop.now();
    expect(loop.history('web.1').memory).not.toContain(1000);
  });
});
