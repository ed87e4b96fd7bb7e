/** What only /proc can tell; all else is in tests/contract/sampler.test.ts. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createProcSampler, hasProc } from '../../../src/os/proc/sampler.ts';
import { emptyStat } from '../../../src/os/proc/stat.ts';
import { createStatReader } from '../../../src/os/proc/stat-reader.ts';
import { until } from '../../helpers/eventually.ts';
import { host } from '../../helpers/host.ts';
import { commandOf, descendantsOf, peakMemoryOf, pssOf, signalIfAlive } from '../../helpers/proc.ts';
import { canFork, FORKING_SERVER, SHARED_BYTES, WORKERS } from '../../helpers/forking.ts';
import { BURNER, plant } from '../../helpers/trees.ts';

const BURN_MS = 300;
const ROUNDING_MS = 60;

function setUp() {
  const sampler = createProcSampler();
  onTestFinished(() => sampler.close());
  const cpuMsOf = async ({ pid }: { readonly pid: number }) =>
    (await sampler.sample([pid])).get(pid)?.cpuMs ?? -1;
  return { sampler, cpuMsOf };
}

const descriptorCountOf = (pid: number | 'self'): number => readdirSync(`/proc/${pid}/fd`).length;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe.runIf(hasProc())('the sampler by /proc', () => {
  test('counts children that came and went between two samples', async () => {
    const { cpuMsOf } = setUp();
    const root = plant(`echo up; read line; ${BURNER} once; echo reaped; read line`);
    await root.says('up');
    const before = await cpuMsOf(root);
    root.tell('go');
    const { cpuMs } = await root.says('burnt');
    await root.says('reaped');
    const after = await cpuMsOf(root);
    expect(after - before).toBeGreaterThan(cpuMs - ROUNDING_MS);
    expect(after - before).toBeLessThan(cpuMs + BURN_MS);
  });

  test('counts those that had ended before it first looked', async () => {
    const { cpuMsOf } = setUp();
    const root = plant(`${BURNER} once; echo reaped; read line`);
    await root.says('reaped');
    expect(await cpuMsOf(root)).toBeGreaterThan(BURN_MS - ROUNDING_MS);
  });

  test('finds an orphan in a group of its own by its session', async () => {
    const { sampler } = setUp();
    const root = plant(`sh -c 'set -m; ${BURNER} &' 2>/dev/null; exec sleep 1000`);
    const orphan = await root.says('ready');
    onTestFinished(() => signalIfAlive(orphan.pid, 'SIGKILL'));
    await until(() => !descendantsOf(root.pid).includes(orphan.pid), 'an orphan');
    expect((await sampler.sample([root.pid])).get(root.pid)?.processes).toBe(2);
  });

  test('keeps whom it has seen, also when it leaves session and parents', async () => {
    const { sampler } = setUp();
    const root = plant(`(read line; echo left) <&0 & setsid sh -c 'echo apart; exec sleep 1000' & wait $!`);
    await root.says('apart');
    const [...members] = descendantsOf(root.pid);
    onTestFinished(() => {
      for (const pid of members) signalIfAlive(pid, 'SIGKILL');
    });
    expect((await sampler.sample([root.pid])).get(root.pid)?.processes).toBe(1 + members.length);
  });

  test('takes no stranger for a child, and a later root with all its children', async () => {
    const { sampler } = setUp();
    const one = plant('echo up; exec sleep 1000');
    const other = plant('sleep 1000 & echo up; wait');
    await Promise.all([one.says('up'), other.says('up')]);
    expect((await sampler.sample([one.pid])).get(one.pid)?.processes).toBe(1);
    const readings = await sampler.sample([one.pid, other.pid]);
    expect([...readings.values()].map(({ processes }) => processes)).toEqual([1, 2]);
  });

  test('tells proportional memory and descriptors', async () => {
    const { sampler } = setUp();
    const root = plant('exec sleep 1000 3</dev/null 4</dev/null');
    await until(() => commandOf(root.pid).startsWith('sleep'), 'a sleeper');
    const details = (await sampler.details([root.pid])).get(root.pid);
    expect(details?.descriptors).toBe(descriptorCountOf(root.pid));
    expect(details?.descriptors).toBeGreaterThanOrEqual(5);
    expect(details?.pssBytes).toBeGreaterThan(0);
    expect(details?.pssBytes).toBeLessThanOrEqual(peakMemoryOf(root.pid));
  });

  test.runIf(canFork)('counts once what forked workers share, from the first answer on', async () => {
    const { sampler } = setUp();
    const root = plant(FORKING_SERVER);
    await root.says('up');
    const members = [root.pid, ...descendantsOf(root.pid)];
    expect(members).toHaveLength(1 + WORKERS);
    const reading = (await sampler.sample([root.pid])).get(root.pid);
    expect(reading).toMatchObject({ memoryKind: 'pss', processes: 1 + WORKERS });
    expect(reading?.memoryBytes).toBeGreaterThan(SHARED_BYTES);
    expect(reading?.memoryBytes).toBeLessThan(2 * SHARED_BYTES);
    expect(reading?.memoryBytes).toBeCloseTo(sum(members.map(pssOf)), -7);
    expect(sum(members.map(peakMemoryOf))).toBeGreaterThan(WORKERS * SHARED_BYTES);
    // Without reading it again: workers write nothing, and nothing has changed.
    const [again] = (await sampler.sample([root.pid])).values();
    expect(again?.memoryBytes).toBe(reading?.memoryBytes);
  });

  test('does not begin anew because somebody asked for details of another', async () => {
    const { sampler, cpuMsOf } = setUp();
    const [one, other] = [plant(`${BURNER} & wait; exec sleep 1000`), plant('exec sleep 1000')];
    const burner = await one.says('ready');
    const before = await cpuMsOf(one);
    await sampler.details([other.pid]);
    process.kill(burner.pid, 'SIGKILL');
    await until(() => descendantsOf(one.pid).length === 0, 'a reaped child');
    expect(await cpuMsOf(one)).toBeGreaterThanOrEqual(before);
  });

  test('keeps no more descriptors than it may, and none of the dead', async () => {
    const sampler = createProcSampler({ keepAtMost: 3 });
    onTestFinished(() => sampler.close());
    const roots = [1, 2, 3, 4, 5].map(() => plant('exec sleep 1000'));
    const pids = roots.map(({ pid }) => pid);
    const before = descriptorCountOf('self');
    expect((await sampler.sample(pids)).size).toBe(5);
    expect(descriptorCountOf('self')).toBe(before + 3);
    expect((await sampler.sample(pids.slice(3))).size).toBe(2);
    expect(descriptorCountOf('self')).toBeLessThanOrEqual(before + 2);
    await sampler.sample([]);
    expect(descriptorCountOf('self')).toBe(before);
  });

  test('reads the shares of memory only of trees that may have too much', async () => {
    const [one, other] = [plant('echo up; exec sleep 1000'), plant('echo up; exec sleep 1000')];
    for (const root of [one, other]) await root.says('up');
    const asked = new Map<number, number>();
    const sampler = createProcSampler({
      needsShares(root, residentBytes) {
        asked.set(root, residentBytes);
        return root === other.pid;
      },
    });
    onTestFinished(() => sampler.close());
    const readings = await sampler.sample([one.pid, other.pid]);
    expect(readings.get(one.pid)).toMatchObject({ memoryKind: 'rss', memoryBytes: asked.get(one.pid) });
    expect(readings.get(other.pid)).toMatchObject({ memoryKind: 'pss' });
  });

  test('gives its descriptors back when there are no others, and reads on', async () => {
    const roots = [1, 2, 3, 4, 5, 6].map(() => plant('exec sleep 1000'));
    const pids = JSON.stringify(roots.map(({ pid }) => pid));
    const it = host('os/proc/sampler.ts');
    const sizes = `globalThis.sampler.sample(${pids}).then((readings) => readings.size)`;
    await it.does('void (globalThis.sampler = it.createProcSampler())');
    expect(await it.does(sizes)).toBe(6);
    // Node opens nothing below this any more; a new root finds none left but those that the sampler keeps.
    execFileSync('prlimit', ['--pid', String(it.pid), `--nofile=${highestDescriptor(it.pid) + 1}:`]);
    const late = plant('exec sleep 1000');
    await it.does(`void (globalThis.held = (() => { const held = []; const { openSync } = require('fs');
      try { for (;;) held.push(openSync('/dev/null')); } catch { return held; } })())`);
    expect(await it.does(sizes)).toBe(6);
    const all = JSON.stringify([...roots.map(({ pid }) => pid), late.pid]);
    const read = `globalThis.sampler.sample(${all}).then((readings) => readings.size)`;
    expect(await it.does(read)).toBe(7);
    expect(await it.does(read)).toBe(7);
  });
});

const highestDescriptor = (pid: number): number => Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number));

describe.runIf(hasProc())('a kept descriptor', () => {
  test('outlives its process without being mistaken', async () => {
    const reader = createStatReader(10);
    onTestFinished(() => reader.close());
    const root = plant('exec sleep 1000');
    const stat = emptyStat();
    expect(reader.look(root.pid, stat).is).toBe('read');
    const known = reader.know(root.pid, stat);
    expect(reader.read(known).is).toBe('read');
    expect(reader.keptCount).toBe(1);
    await root.end();
    expect(reader.read(known).is).toBe('gone');
    reader.forget(known);
    expect(reader.keptCount).toBe(0);
    expect(reader.look(root.pid, stat).is).toBe('gone');
  });

  test('is not needed to see that a pid is another process now', () => {
    const reader = createStatReader(0);
    const stat = emptyStat();
    reader.look(process.pid, stat);
    expect(reader.read(reader.know(process.pid, stat)).is).toBe('read');
    expect(reader.read(reader.know(process.pid, { ...stat, startTicks: stat.startTicks - 1 })).is).toBe(
      'gone',
    );
  });
});
