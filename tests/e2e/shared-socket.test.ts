import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inTime, until } from '../helpers/eventually.ts';
import { ownPlaces, PROCSUP } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

/** Shares its stdout with `procsup start`. When it is asked to, it says whether that is non-blocking. */
const SHARING = `
const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');
const start = spawn(process.argv[1], ['start'], { stdio: ['ignore', 'inherit', 'inherit'] });
start.on('exit', (status) => { console.error('status', status); process.exit(); });
process.stdin.once('data', () => {
  const [, flags] = /^flags:\\s*(\\d+)/m.exec(readFileSync('/proc/self/fdinfo/1', 'utf8'));
  console.error('non-blocking', (parseInt(flags, 8) & 0o4000) !== 0);
  start.kill('SIGTERM');
});
`;

test.skipIf(process.platform !== 'linux')(
  'a socket as stdout stays as it was for those who share it, and a slow reader gets all',
  async () => {
    const root = scratch();
    writeFileSync(join(root, 'Procfile'), 'a: seq 200000; echo done; exec sleep infinity\n');
    const sharing = spawn(process.execPath, ['-e', SHARING, PROCSUP], {
      cwd: root,
      env: { ...process.env, ...ownPlaces().env },
    });
    onTestFinished(() => void sharing.kill('SIGKILL'));
    let [stdout, stderr] = ['', ''];
    sharing.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
      // A slow reader: more is waiting than the socket takes.
      sharing.stdout.pause();
      setImmediate(() => sharing.stdout.resume());
    });
    sharing.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    const ended = new Promise<void>((resolve) => sharing.once('close', () => resolve()));
    await until(() => stdout.includes('| done'), 'the last line');
    sharing.stdin.write('look\n');
    await inTime(ended, 'the end', () => stderr);
    expect(stderr).toContain('non-blocking false');
    expect(stderr).toContain('status 0');
    const numbers = [...stdout.matchAll(/\| (\d+)$/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 200_000 }, (_, at) => at + 1));
  },
);
