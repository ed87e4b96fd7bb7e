import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { host } from '../../helpers/host.ts';
import { scratch } from '../../helpers/scratch.ts';
import { openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

/** The descriptors that are open in a Node process which has closed what it inherited, and was started with `fds`. */
async function openIn(fds: readonly number[], then: string): Promise<string> {
  const root = scratch({ file: '' });
  const outfile = join(root, 'module.cjs');
  const entryPoints = [resolve(import.meta.dirname, '../../../src/os/process/descriptors.ts')];
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node' });
  const fd = openSync(join(root, 'file'), 'r');
  const last = Math.max(2, ...fds);
  const stdio = Array.from({ length: last + 1 }, (_, at) =>
    at === 1 ? 'pipe' : fds.includes(at) ? fd : 'ignore',
  );
  const script = `require(${JSON.stringify(outfile)}).closeInherited(); ${then}`;
  const child = spawn(process.execPath, ['-e', script], { stdio });
  let printed = '';
  child.stdout?.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  await new Promise((done) => child.once('close', done));
  return printed;
}

test('a child gets nothing of what was inherited, whatever its number', async () => {
  const list =
    'for fd in 0 1 2 3 4 5 6 7 8 9 $(seq 10 120); do [ -e /proc/$$/fd/$fd ] && echo $fd; done; true';
  const look = `require('node:child_process').spawnSync('/bin/sh', ['-c', '${list}'], { stdio: 'inherit' });`;
  expect(await openIn([5, 30, 100], look)).toBe('0\n1\n2\n');
});

test('what is our own stays open: the process goes on to work', async () => {
  const work =
    "const fd = fs.openSync('/dev/null'); require('node:child_process').exec('echo works', (error, out) => { fs.closeSync(fd); console.log(out.trim(), error === null); });";
  expect(await openIn([20], work)).toBe('works true\n');
});

test('it can be asked for twice', async () => {
  const { does } = host('os/process/descriptors.ts');
  await does('it.closeInherited()');
  expect(await does('(it.closeInherited(), 1 + 1)')).toBe(2);
});
