import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { kernelUnits } from '../../../src/os/proc/kernel-units.ts';
import { ignoresSignal, lookAt, secondsSinceBoot } from '../../../src/os/proc/seen.ts';

/** A shell that has said that it is ready. */
async function shell(script: string): Promise<number> {
  const child = spawn('/bin/sh', ['-c', `${script}; echo ready; read -r line`], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child.pid ?? 0;
}

test.skipIf(process.platform !== 'linux')('a process has started between two moments', async () => {
  const before = secondsSinceBoot();
  const pid = await shell('true');
  const after = secondsSinceBoot();
  const { seen, missed } = lookAt([pid, 2 ** 22 + 1]);
  expect(missed).toBeNull();
  expect(seen).toEqual([{ pid, parent: process.pid, group: pid, started: expect.any(Number) as number }]);
  expect(seen[0]?.started).toBeGreaterThanOrEqual(before);
  expect(seen[0]?.started).toBeLessThanOrEqual(after);
});

test.skipIf(process.platform !== 'linux')('a moment is told in the ticks of start times', () => {
  const ticks = Array.from({ length: 1000 }, () => secondsSinceBoot() * kernelUnits().ticksPerSecond);
  expect(ticks.map((tick) => Math.abs(tick - Math.round(tick))).filter((rest) => rest > 1e-3)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'a signal that is ignored is told from one that is not',
  async () => {
    const pid = await shell('trap "" INT; trap true HUP');
    expect(ignoresSignal(pid, 'SIGINT')).toEqual({ is: true, missed: null });
    expect(ignoresSignal(pid, 'SIGHUP')).toEqual({ is: false, missed: null });
    expect(ignoresSignal(pid, 'SIGTERM')).toEqual({ is: false, missed: null });
  },
);
