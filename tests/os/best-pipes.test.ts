import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readdirSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { createBestPipes, makeFifos } from '../../src/os/best-pipes.ts';

const directories = () => readdirSync(tmpdir()).filter((name) => /^procsup-\w{6}$/.test(name));

test.each([
  ['as they are chosen here', createBestPipes()],
  ['as FIFOs', makeFifos],
])('pipes carry bytes, and end: %s', async (_, make) => {
  const before = directories();
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
  expect(directories().filter((name) => !before.includes(name))).toEqual([]);
});

test('none are none', async () => {
  expect(await createBestPipes()(0)).toEqual([]);
});
