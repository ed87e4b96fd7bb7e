/** The first example of the pages about processes and pools runs as it stands. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratch } from '../helpers/scratch.ts';
import { DIST } from '../helpers/supervised.ts';

test.each([
  ['process.md', "true null\n{ signal: 'SIGTERM' } -15\nTEXT 3\n"],
  ['locks.md', 'deploy 1 false\nnull\n42 []\n'],
  ['shared-memory.md', '2000000\n'],
  ['sharing.md', "0 { stage: 'done' } true\n[ 'a', 'b' ]\n"],
  ['pool-library.md', "49\n[ '1', '4', '9' ]\n"],
])('%s', async (page, output) => {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs', page), 'utf8');
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(text) ?? [];
  const main = join(scratch({ 'main.mjs': example.replace("'procsup'", `'${DIST}'`) }), 'main.mjs');
  const cwd = dirname(main);
  const env = { ...process.env, XDG_STATE_HOME: join(cwd, 'state') };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main], { cwd, env });
  expect([stdout, stderr]).toEqual([output, '']);
});
