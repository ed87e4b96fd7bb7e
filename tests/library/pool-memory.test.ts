/** A pool keeps nothing: 60 MB of values and as many of results go through a program that has 40 MB for all of its objects. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratch } from '../helpers/scratch.ts';
import { DIST } from '../helpers/supervised.ts';

const FUNCTIONS = resolve(import.meta.dirname, '../fixtures/functions.mjs');
const COUNT = 12_000;
const BYTES = 5_000;

const imap = (options: string, first = '') => `
  const values = function* () {
    ${first}
    for (let at = 0; at < ${COUNT}; at += 1) yield textOf(at);
  };
  for await (const result of pool.imap(values(), ${options})) {
    if ((taken += result.length) === ${COUNT * BYTES}) break;
  }
`;
const map = (values: string, options: string) => `
  for (const length of await pool.map(${values}, ${options})) taken += length;
`;
const GENERATOR = `(function* () { for (let at = 0; at < ${COUNT}; at += 1) yield textOf(at); })()`;
const ASYNC = GENERATOR.replace('function*', 'async function*');
const [SAME, LENGTH] = ["{ export: 'same' }", "{ export: 'lengthOf' }"];

test.each([
  ['imap', SAME, imap('{ inFlight: 16 }')],
  ['imap unordered', SAME, imap('{ inFlight: 16, ordered: false }')],
  [
    'imap unordered, beside a task that does not end',
    "{ export: 'sameUnlessNull' }",
    imap('{ inFlight: 16, ordered: false }', 'yield null;'),
  ],
  ['imap of a program', "'cat'", imap('{ inFlight: 16 }')],
  ['map, whose results are small', LENGTH, map(GENERATOR, '{ chunk: 1 }')],
  ['map with chunks', LENGTH, map(GENERATOR, '{ chunk: 10 }')],
  ['map of what is read asynchronously', LENGTH, map(ASYNC, '{ chunk: 10 }')],
])('%s', async (_what, made, deed) => {
  const main = `
    import { createPool } from '${DIST}';
    const made = ${made};
    const program = typeof made === 'string' ? { command: made } : { module: { file: '${FUNCTIONS}', ...made } };
    const pool = createPool({ ...program, size: 2 });
    const textOf = (at) => String(at).padEnd(${BYTES}, 'x');
    let taken = 0;
    ${deed}
    console.log(taken);
    await pool.terminate();
  `;
  const root = scratch({ 'main.mjs': main });
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=40', 'main.mjs'], {
    cwd: root,
  });
  expect(stdout).toBe(`${COUNT * BYTES}\n`);
});
