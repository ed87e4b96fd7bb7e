import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { scratch } from '../../helpers/scratch.ts';

/** Leaves what `how` leaves, and then tells on the descriptor that it says of all three whether they are devices. */
const SCRIPT = `
const { fstatSync, writeSync } = require('node:fs');
const [how, tellOn] = process.argv.slice(2);
require('./module.cjs')[how]();
writeSync(Number(tellOn), [0, 1, 2].map((fd) => fstatSync(fd).isCharacterDevice()).join());`;

function leaving(how: string, tellOn: number, stdout: string) {
  const root = scratch({ 'main.cjs': SCRIPT });
  buildSync({
    entryPoints: [resolve(import.meta.dirname, '../../../src/os/terminal/leave-streams.ts')],
    outfile: join(root, 'module.cjs'),
    bundle: true,
    platform: 'node',
  });
  const out = openSync(resolve(root, stdout), 'w+');
  const { stderr } = spawnSync(process.execPath, ['main.cjs', how, String(tellOn)], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', out, 'pipe'],
  });
  closeSync(out);
  return { stderr, inFile: stdout.startsWith('/') ? '' : readFileSync(join(root, stdout), 'utf8') };
}

test('a file is left, and /dev/null is in its place', () => {
  expect(leaving('leaveFiles', 2, 'file')).toEqual({ stderr: 'true,true,false', inFile: '' });
});

test('what is no file is not', () => {
  expect(leaving('leaveDeadTerminals', 1, 'file')).toEqual({ stderr: '', inFile: 'true,false,false' });
});

test('a device that is no terminal is replaced by one that can be closed', () => {
  expect(leaving('leaveDeadTerminals', 2, '/dev/null').stderr).toBe('true,true,false');
});
