/** What is particular to the real process groups; the rest is in tests/contract/launcher-and-groups.test.ts. */
import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProcessGroups } from '../../../src/os/process/groups.ts';
import { until } from '../../helpers/eventually.ts';
import { scratch } from '../../helpers/scratch.ts';
import { isAlive, stateOf } from '../../helpers/proc.ts';

const processGroups = createProcessGroups();

test('a program whose name looks like the end of it is found', async () => {
  // "pid (name) state ...": whoever splits at the first parenthesis is led astray.
  const root = scratch();
  const program = join(root, 'x) Z 1 1');
  copyFileSync('/bin/sleep', program);
  const child = spawn(program, ['infinity'], { stdio: 'ignore', detached: true });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  await until(() => stateOf(pid) === 'S', 'it runs');
  expect(processGroups.presenceOf({ pid, runId: 'none' })).toEqual({ is: 'living' });
});

test('a group of zombies only is none', async () => {
  // Its child has ended, and it does not care to know: nobody buries it while this one sleeps.
  const script = 'setsid sh -c "echo \\$\\$" & read -r line; exec sleep infinity';
  const parent = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())));
  });
  parent.stdin.write('go on\n');
  await until(() => !isAlive(pid), 'it has ended');
  expect(processGroups.presenceOf({ pid, runId: 'none' })).toEqual({ is: 'gone' });
});

test.skipIf(process.getuid?.() === 0)('whom we may not signal is left alone', () => {
  // The first process of the machine.
  expect(() => processGroups.signal({ pid: 1, runId: 'none' }, 'SIGCONT', 'group')).not.toThrow();
});
