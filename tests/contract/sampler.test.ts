/**
 * What everybody relies on in a `Sampler`, tried on both real ones with real processes. CPU is told in time used, never
 * in percent, so that a busy machine changes nothing.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPidusageSampler } from '../../src/os/proc/pidusage-sampler.ts';
import { createProcSampler, hasProc } from '../../src/os/proc/sampler.ts';
import type { Sampler, TreeReading } from '../../src/ports/measuring.ts';
import { until } from '../helpers/eventually.ts';
import { descendantsOf, isAlive, stateOf } from '../helpers/proc.ts';
import { BURNER, plant, type Root } from '../helpers/trees.ts';

/** What a burner uses when it is told to. */
const BURN_MS = 300;
/** User and system time are each told in steps of 10 ms, for each of the processes that we look at. */
const ROUNDING_MS = 60;
/** A burner's own business besides: its start-up, collecting garbage. */
const BESIDES_MS = 250;
const MEGABYTE = 1024 * 1024;
/** Higher than any pid (2^22 is the most, PID_MAX_LIMIT). */
const NOBODY = 2 ** 22 + 1;

const read = async (sampler: Sampler, { pid }: Root): Promise<TreeReading> => {
  const reading = (await sampler.sample([pid])).get(pid);
  if (reading === undefined) throw new Error(`no reading of ${pid}`);
  return reading;
};

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe.runIf(hasProc()).each([
  ['/proc', () => createProcSampler()],
  ['/proc without kept descriptors', () => createProcSampler({ keepAtMost: 0 })],
  ['pidusage', createPidusageSampler],
])('the sampler by %s', (_, create) => {
  const setUp = (): Sampler => {
    const sampler = create();
    onTestFinished(() => sampler.close());
    return sampler;
  };

  test('counts the CPU time of child and grandchild', async () => {
    const sampler = setUp();
    const root = plant(`${BURNER} & sh -c '${BURNER}; exit' & wait`);
    const burners = [await root.says('ready'), await root.says('ready')];
    const before = await read(sampler, root);
    expect(before.processes).toBe(4);
    for (const { pid } of burners) process.kill(pid, 'SIGUSR2');
    const told = [await root.says('burnt'), await root.says('burnt')];
    const after = await read(sampler, root);
    expect(after.cpuMs - before.cpuMs).toBeGreaterThan(2 * BURN_MS - ROUNDING_MS);
    expect(after.cpuMs - before.cpuMs).toBeLessThan(2 * BURN_MS + BESIDES_MS);
    // From the first sample on it is all they ever used.
    const usedMs = told.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    expect(after.cpuMs).toBeGreaterThan(usedMs - ROUNDING_MS);
    expect(after.cpuMs).toBeLessThan(usedMs + BESIDES_MS);
  });

  test('adds up the memory of all', async () => {
    const sampler = setUp();
    const root = plant(`${BURNER} & wait`);
    const burner = await root.says('ready');
    const before = await read(sampler, root);
    // Other programs run Node too, and share most of it: then its proportional memory is much less than its resident.
    expect(before.memoryBytes).toBeGreaterThan((before.memoryKind === 'pss' ? 5 : 20) * MEGABYTE);
    process.kill(burner.pid, 'SIGHUP');
    await root.says('allocated');
    const after = await read(sampler, root);
    expect(after.memoryBytes - before.memoryBytes).toBeGreaterThan(55 * MEGABYTE);
    expect(after.memoryBytes - before.memoryBytes).toBeLessThan(110 * MEGABYTE);
  });

  test('neither loses nor doubles the time of one that dies', async () => {
    const sampler = setUp();
    const root = plant(`${BURNER} & wait; echo reaped; exec sleep 1000`);
    const burner = await root.says('ready');
    process.kill(burner.pid, 'SIGUSR2');
    await root.says('burnt');
    const before = await read(sampler, root);
    process.kill(burner.pid, 'SIGKILL');
    await root.says('reaped');
    for (let look = 1; look <= 3; look += 1) {
      const after = await read(sampler, root);
      expect(after.processes).toBe(1);
      expect(after.memoryBytes).toBeLessThan(before.memoryBytes);
      expect(after.cpuMs).toBeGreaterThanOrEqual(before.cpuMs);
      expect(after.cpuMs).toBeLessThan(before.cpuMs + BURN_MS / 2);
    }
  });

  test('counts a zombie neither as a process nor as memory', async () => {
    const sampler = setUp();
    const root = plant(`sleep 0 & exec sleep 1000`);
    const isZombie = () => descendantsOf(root.pid).some((pid) => stateOf(pid) === 'Z');
    await until(isZombie, 'a zombie');
    const reading = await read(sampler, root);
    expect(reading.processes).toBe(1);
    expect(reading.memoryBytes).toBeGreaterThan(0);
    expect(await read(sampler, root)).toMatchObject({ processes: 1 });
  });

  test('follows a program that becomes another by exec', async () => {
    const sampler = setUp();
    const root = plant(`echo here; read line; exec ${BURNER}`);
    await root.says('here');
    const before = await read(sampler, root);
    root.tell('go');
    const burner = await root.says('ready');
    expect(burner.pid).toBe(root.pid);
    process.kill(burner.pid, 'SIGUSR2');
    await root.says('burnt');
    const after = await read(sampler, root);
    expect(after.processes).toBe(1);
    expect(after.memoryBytes).toBeGreaterThan(before.memoryBytes);
    expect(after.cpuMs - before.cpuMs).toBeGreaterThan(BURN_MS - ROUNDING_MS);
  });

  test('counts an orphan of the group with its root', async () => {
    const sampler = setUp();
    const root = plant(`sh -c '${BURNER} &'; exec sleep 1000`);
    const orphan = await root.says('ready');
    await until(() => !descendantsOf(root.pid).includes(orphan.pid), 'an orphan');
    const before = await read(sampler, root);
    expect(before.processes).toBe(2);
    process.kill(orphan.pid, 'SIGUSR2');
    await root.says('burnt');
    const after = await read(sampler, root);
    expect(after.cpuMs - before.cpuMs).toBeGreaterThan(BURN_MS - ROUNDING_MS);
    process.kill(orphan.pid, 'SIGKILL');
    await until(() => !isAlive(orphan.pid), 'its end');
    const last = await read(sampler, root);
    expect(last.processes).toBe(1);
    expect(last.cpuMs).toBeGreaterThanOrEqual(after.cpuMs);
    expect(last.cpuMs).toBeLessThan(after.cpuMs + BURN_MS / 2);
  });

  test('finds children that are born between two samples', async () => {
    const sampler = setUp();
    const root = plant(`echo here; read line; ${BURNER} & wait`);
    await root.says('here');
    expect(await read(sampler, root)).toMatchObject({ processes: 1 });
    root.tell('go');
    const burner = await root.says('ready');
    const after = await read(sampler, root);
    expect(after.processes).toBe(2);
    expect(after.cpuMs).toBeGreaterThan(burner.cpuMs - ROUNDING_MS);
  });

  test('tells 200 roots apart', async () => {
    const sampler = setUp();
    const roots = Array.from({ length: 200 }, (_unused, index) =>
      plant(index % 2 === 0 ? 'echo up; exec sleep 1000' : 'sleep 1000 & echo up; wait'),
    );
    await Promise.all(roots.map((root) => root.says('up')));
    const readings = await sampler.sample(roots.map(({ pid }) => pid));
    expect(readings.size).toBe(200);
    const processes = roots.map(({ pid }) => readings.get(pid)?.processes);
    expect(processes).toEqual(roots.map((_unused, index) => 1 + (index % 2)));
  });

  test('leaves out a root that is gone', async () => {
    const sampler = setUp();
    const [one, other] = [plant('exec sleep 1000'), plant('exec sleep 1000')];
    const roots = [one.pid, other.pid, NOBODY];
    expect([...(await sampler.sample(roots)).keys()]).toEqual([one.pid, other.pid]);
    await one.end();
    expect([...(await sampler.sample(roots)).keys()]).toEqual([other.pid]);
    expect([...(await sampler.details(roots)).keys()]).toContain(other.pid);
    await other.end();
    expect(await sampler.sample(roots)).toEqual(new Map());
  });

  test('bears programs that die while they are read', async () => {
    const sampler = setUp();
    const root = plant('echo up; while :; do (:); done');
    await root.says('up');
    let lastMs = 0;
    for (let look = 1; look <= 30; look += 1) {
      const { cpuMs } = await read(sampler, root);
      expect(cpuMs).toBeGreaterThanOrEqual(lastMs);
      lastMs = cpuMs;
    }
  });

  test('measures nobody when nobody is asked for', async () => {
    expect(await setUp().sample([])).toEqual(new Map());
  });

  test('answers several questions at the same time', async () => {
    const sampler = setUp();
    const root = plant('exec sleep 1000');
    const all = await Promise.all([1, 2, 3].map(() => sampler.sample([root.pid])));
    expect(all.map((readings) => readings.has(root.pid))).toEqual([true, true, true]);
  });

  test('leaves no descriptor open', async () => {
    const root = plant('sleep 1000 & sleep 1000 & wait');
    const before = openDescriptors();
    const sampler = create();
    await sampler.sample([root.pid]);
    await sampler.sample([root.pid]);
    sampler.close();
    await until(() => openDescriptors() <= before, 'closed descriptors');
  });
});
