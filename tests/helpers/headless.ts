import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from './eventually.ts';
import { stateOf } from './proc.ts';

/** The fixture ends its main thread by koffi, which is optional. */
export const canBeHeadless =
  process.platform === 'linux' &&
  ['x64', 'arm64'].includes(process.arch) &&
  existsSync(resolve(import.meta.dirname, '../../node_modules/koffi'));

export const HEADLESS = resolve(import.meta.dirname, '../fixtures/headless.mjs');

/** Starts a program, in a session of its own, and waits until its main thread has ended. Returns its pid. */
export async function launchHeadless(env: Readonly<Record<string, string>> = {}): Promise<number> {
  const child = spawn(process.execPath, [HEADLESS], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  await until(() => stateOf(pid) === 'Z', 'its main thread has ended');
  return pid;
}
