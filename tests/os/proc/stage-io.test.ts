import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stageWait } from '../../../src/core/pipeline/stage-wait.ts';
import { createStageMeter, type StageMeter } from '../../../src/os/proc/stage-io.ts';
import { until } from '../../helpers/eventually.ts';
import { descendantsOf, signalIfAlive } from '../../helpers/proc.ts';

const MB = 1_000_000;

/** What the shell, `head` and the loader of programs read for themselves. */
const OWN_READING = 100_000;

describe.runIf(existsSync('/proc/self/io'))('what stages have read and written', () => {
  const setUp = (options?: Parameters<typeof createStageMeter>[0]) => {
    const meter = createStageMeter(options);
    if (meter === undefined) throw new Error('/proc tells nothing');
    onTestFinished(() => meter.close());
    return meter;
  };

  const start = (meter: StageMeter, script: string): ChildProcess & { readonly pid: number } => {
    const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'inherit'] });
    const { pid } = child;
    if (pid === undefined) throw new Error('not started');
    meter.add(pid);
    onTestFinished(() => void child.kill('SIGKILL'));
    return Object.assign(child, { pid });
  };

  const end = async (meter: StageMeter, child: ChildProcess & { readonly pid: number }): Promise<void> => {
    await new Promise<void>((resolve) => {
      child.once('exit', () => {
        meter.ended(child.pid);
        setImmediate(() => setImmediate(resolve));
      });
    });
  };

  test('a living one is read with its whole tree', async () => {
    const meter = setUp();
    const child = start(
      meter,
      'head -c 5000000 /dev/zero > /dev/null; (read x; head -c 1000000 /dev/zero | cat; read x)',
    );
    const reading = () => meter.sample().get(child.pid);
    await until(() => (reading()?.readBytes ?? 0) > 5 * MB, 'the first part is done');
    child.stdin?.write('go on\n');
    await until(() => (reading()?.writtenBytes ?? 0) >= 7 * MB, 'the second part is done');
    const { readBytes, writtenBytes, cpuMs, peakMemoryBytes } = reading() ?? {};
    expect(readBytes).toBeGreaterThanOrEqual(7 * MB);
    expect(readBytes).toBeLessThan(7 * MB + OWN_READING);
    expect(writtenBytes).toBeLessThan(7 * MB + 100);
    expect(cpuMs).toBeGreaterThanOrEqual(0);
    expect(peakMemoryBytes).toBeGreaterThan(100_000);
    child.stdin?.end('end\n');
    await end(meter, child);
  });

  test('what was done after the last sample is not lost, even if there was none', async () => {
    const meter = setUp({ hasNoOtherChildren: true });
    const child = start(meter, 'head -c 50000000 /dev/zero | cat');
    await end(meter, child);
    const figures = meter.figures().get(child.pid);
    expect(figures).toMatchObject({ isApproximate: false, peakMemoryBytes: null });
    expect(figures?.writtenBytes).toBeGreaterThanOrEqual(100 * MB);
    expect(figures?.writtenBytes).toBeLessThan(100 * MB + 100);
    expect(figures?.readBytes).toBeGreaterThanOrEqual(100 * MB);
    expect(figures?.readBytes).toBeLessThan(100 * MB + OWN_READING);
  });

  test('one after another they are told apart', async () => {
    const meter = setUp({ hasNoOtherChildren: true });
    const sizes = [1, 20, 3].map((size) => size * MB);
    const pids: number[] = [];
    for (const size of sizes) {
      const child = start(meter, `exec head -c ${size} /dev/zero`);
      pids.push(child.pid);
      await end(meter, child);
    }
    pids.forEach((pid, at) => {
      const { writtenBytes = 0, isApproximate } = meter.figures().get(pid) ?? {};
      expect(isApproximate).toBe(false);
      expect(writtenBytes - (sizes[at] ?? 0)).toBeGreaterThanOrEqual(0);
      expect(writtenBytes - (sizes[at] ?? 0)).toBeLessThan(100);
    });
  });

  test('who was reaped before is not counted', async () => {
    const meter = setUp({ hasNoOtherChildren: true });
    const stranger = spawn('head', ['-c', '5000000', '/dev/zero'], { stdio: 'ignore' });
    await new Promise((resolve) => stranger.once('exit', resolve));
    const child = start(meter, 'exec true');
    await end(meter, child);
    expect(meter.figures().get(child.pid)?.writtenBytes).toBeLessThan(100);
  });

  test('those that end in the same turn share a sum, as approximate', async () => {
    // The end of the turn comes when both have been told, as when libuv reaps both at once.
    const turns: (() => void)[] = [];
    const meter = setUp({ hasNoOtherChildren: true, afterTurn: (callback) => turns.push(callback) });
    const script = (size: number): string => `head -c ${size * MB} /dev/zero; read x; exit 0`;
    const children = [start(meter, script(1)), start(meter, script(3))];
    const written = (): number =>
      [...meter.sample().values()].reduce((sum, one) => sum + one.writtenBytes, 0);
    await until(() => written() >= 4 * MB, 'both have written');
    const ends = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) child.stdin?.end('x\n');
    await Promise.all(ends);
    for (const { pid } of children) meter.ended(pid);
    expect(turns).toHaveLength(1);
    turns[0]?.();
    const figures = children.map(({ pid }) => meter.figures().get(pid));
    expect(figures.map((one) => one?.isApproximate)).toEqual([true, true]);
    const sum = figures.reduce((all, one) => all + (one?.writtenBytes ?? 0), 0);
    expect(sum).toBeGreaterThanOrEqual(4 * MB);
    expect(sum).toBeLessThan(4 * MB + 100);
    expect((figures[1]?.writtenBytes ?? 0) / (figures[0]?.writtenBytes ?? 1)).toBeCloseTo(3, 2);
  });

  test('a small sum for many is shared out with nothing less than nothing', async () => {
    const turns: (() => void)[] = [];
    const meter = setUp({ hasNoOtherChildren: true, afterTurn: (callback) => turns.push(callback) });
    // Six bytes, and perhaps one of libuv's for each of the ten: rounded one by one, nine shares are more than the sum.
    const children = Array.from({ length: 10 }, (_, at) => start(meter, at === 0 ? 'printf 123456' : 'true'));
    await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    for (const { pid } of children) meter.ended(pid);
    turns[0]?.();
    const written = children.map(({ pid }) => meter.figures().get(pid)?.writtenBytes ?? -1);
    expect(Math.min(...written)).toBeGreaterThanOrEqual(0);
    expect(written.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(6);
  });

  test('beside other children nothing is exact, and the last sample counts', async () => {
    const meter = setUp();
    const child = start(meter, 'head -c 1000000 /dev/zero; read x; head -c 1000000 /dev/zero');
    await until(() => (meter.sample().get(child.pid)?.writtenBytes ?? 0) >= MB, 'it has written');
    child.stdin?.end('x\n');
    await end(meter, child);
    const figures = meter.figures().get(child.pid);
    expect(figures?.isApproximate).toBe(true);
    expect(figures?.writtenBytes).toBeLessThan(MB + 100);
    expect(figures?.peakMemoryBytes).toBeGreaterThan(100_000);
  });

  test('what its processes do is known: who reads, who writes, who waits for its own', async () => {
    const meter = setUp();
    const wait = ({ pid }: { readonly pid?: number | undefined }) => {
      meter.sample();
      return stageWait(meter.members().get(pid ?? 0) ?? []);
    };
    const reader = start(meter, 'cat; exit');
    const inner = start(meter, 'yes | sleep 1000');
    const writer = spawn('yes', { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      for (const pid of descendantsOf(inner.pid)) signalIfAlive(pid, 'SIGKILL');
      writer.kill('SIGKILL');
    });
    meter.add(writer.pid ?? 0);
    await until(() => wait(reader) === 'input', 'cat waits for input');
    await until(() => wait(writer) === 'output', 'yes waits until its output is taken');
    await until(() => wait(inner) === 'none', 'sleep waits for a clock, and yes for sleep');
    expect(wait({})).toBe('unknown');
  });

  test('closed, it keeps no descriptor', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const meter = setUp();
    const child = spawn('tail', ['-f', '/dev/null'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    meter.add(child.pid ?? 0);
    await until(() => meter.sample().size === 1, 'it is seen');
    meter.close();
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });
});
