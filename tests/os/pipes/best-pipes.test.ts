import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readdirSync, readSync, writeSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBestPipes, makeFifos } from '../../../src/os/pipes/best-pipes.ts';
import { scratch } from '../../helpers/scratch.ts';

test.each([
  ['as they are chosen here', createBestPipes()],
  ['as FIFOs', makeFifos],
])('pipes carry bytes, and end: %s', async (_, make) => {
  // Others make directories like ours in the usual place.
  const temporary = scratch({});
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const [to, from] = await make(2);
  if (to === undefined || from === undefined) throw new Error('there should be two');
  const child = spawn('cat', { stdio: [to.read, from.write, 'inherit'] });
  closeSync(to.read);
  closeSync(from.write);
  writeSync(to.write, 'through');
  closeSync(to.write);
  await once(child, 'exit');
  const buffer = Buffer.alloc(100);
  expect(buffer.toString('utf8', 0, readSync(from.read, buffer))).toBe('through');
  expect(readSync(from.read, buffer)).toBe(0);
  closeSync(from.read);
  expect(readdirSync(temporary)).toEqual([]);
});

test('none are none', async () => {
  expect(await createBestPipes()(0)).toEqual([]);
});
