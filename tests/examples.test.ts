/** Each example runs, on every Node, and prints what it promises. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { scratch } from './helpers/scratch.ts';
import { DIST } from './helpers/supervised.ts';

const EXAMPLES = resolve(import.meta.dirname, '../examples');
const SECONDS = String.raw`\d+\.\d\d s`;

const OUTPUT: Readonly<Record<string, string | RegExp>> = {
  'cpu.ts': new RegExp(
    `^(?:303 primes below 2000\n){4}one process at a time: ${SECONDS}\ntwo processes: ${SECONDS}\nratio: \\d+\\.\\d\\d\n$`,
  ),
  'programs.ts': 'hello { code: 0 }\nstatus 3\n',
  'pipe.ts': '19 lines, 3 stages\n',
  'signals.ts': "{ signal: 'SIGINT' } -2\n{ signal: 'SIGKILL' } -9\n",
  'descriptors.ts': 'served by a child\n',
  'queue.ts': '[ 1, 4, 9, 16 ]\n',
  'meeting.ts': '3 processes have counted to 3\n',
  'shared-value.ts': '2 processes, 2000 increments each: 4000\n',
  'pool.ts': '[ 4, 25, 168 ]\n8\n46\n',
};

const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'));

test('every example has an output here', () => {
  expect(files.filter((name) => name !== 'count-primes.ts').sort()).toEqual(Object.keys(OUTPUT).sort());
});

/** Node 20 runs no TypeScript. */
test.each(Object.entries(OUTPUT))('%s', async (name, output) => {
  const root = scratch({ 'package.json': '{"type":"module"}' });
  const entryPoints = files.map((file) => join(EXAMPLES, file));
  const { outputFiles } = await build({
    entryPoints,
    outdir: root,
    write: false,
    format: 'esm',
    target: 'node20',
  });
  const { writeFileSync } = await import('node:fs');
  for (const { path, text } of outputFiles) {
    writeFileSync(
      path,
      text.replaceAll('./count-primes.ts', './count-primes.js').replace('"procsup"', `"${DIST}"`),
    );
  }
  const main = join(root, name.replace(/ts$/, 'js'));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, '2000'], {
    cwd: root,
    env: { ...process.env, XDG_STATE_HOME: join(root, 'state') },
  });
  expect(stderr).toBe('');
  if (typeof output === 'string') expect(stdout).toBe(output);
  else expect(stdout).toMatch(output);
});
