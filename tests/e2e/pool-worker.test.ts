/** `procsup pool --worker` as users have it: long-lived programs, what their deaths cost, and that nothing is left. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../helpers/proc.ts';
import { launch, PROCSUP, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';
import { told } from '../helpers/told.ts';

/** Answers `a` with `<a>`; a value that is in `doomed` kills it, with `once` only for the first time. */
const IN_NODE = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
appendFileSync('pids', process.pid + '\\n');
const doomed = new Set(existsSync('doomed') ? readFileSync('doomed', 'utf8').split('\\n') : []);
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'pid') return console.log(process.pid);
  if (line === 'hang') return;
  if (doomed.has(line) && !existsSync('done-' + line)) {
    if (existsSync('once')) writeFileSync('done-' + line, '');
    process.kill(process.pid, 'SIGKILL');
  }
  console.log('<' + line + '>');
});`;
const IN_PYTHON = `
import os, signal, sys
open('pids', 'a').write(f'{os.getpid()}\\n')
doomed = set(open('doomed').read().split('\\n'))
for line in sys.stdin:
    line = line.rstrip('\\n')
    if line in doomed: os.kill(os.getpid(), signal.SIGKILL)
    print(f'<{line}>', flush=True)
`;
const WORKER = `${process.execPath} worker.cjs`;
const hasPython = spawnSync('python3', ['--version']).status === 0;

const place = (files: Readonly<Record<string, string>> = {}): string =>
  scratch({ 'worker.cjs': IN_NODE, 'worker.py': IN_PYTHON, ...files });
const pool = (args: readonly string[], cwd = place()) =>
  procsup(['pool', '--worker', WORKER, ...args], { cwd });
const linesOf = (text: string): readonly string[] => text.split('\n').slice(0, -1);
const livingIn = (root: string): readonly number[] =>
  linesOf(readFileSync(join(root, 'pids'), 'utf8'))
    .map(Number)
    .filter(isAlive);

test('answers are the output of jobs, in order and with tags', async () => {
  const { stdout, stderr, status } = await pool(['-k', '-j3', '--tag', ':::', '3', 'a b', '1', "it's"]);
  expect({ stdout, stderr, status }).toEqual({
    ...{ stderr: '', status: 0 },
    stdout: "3\t<3>\na b\t<a b>\n1\t<1>\nit's\t<it's>\n",
  });
});

test('what stands before the values is the message, with replacement strings', async () => {
  expect((await pool(['-k', 'size {.} {#}', ':::', 'a.png', 'b c.png'])).stdout).toBe(
    '<size a 1>\n<size b c 2>\n',
  );
  expect((await pool(['size', ':::', 'a'])).stdout).toBe('<size a>\n');
});

test('100 deaths in 10,000 values cost 100 values', async () => {
  const all = Array.from({ length: 10_000 }, (_, at) => String(at + 1));
  const doomed = new Set<string>();
  while (doomed.size < 100) doomed.add(String(1 + Math.floor(Math.random() * all.length)));
  const root = place({ doomed: [...doomed].join('\n'), values: `${all.join('\n')}\n` });
  const worker = hasPython ? 'python3 worker.py' : WORKER;
  const { stdout, stderr, status } = await procsup(
    ['pool', '-j2', '--joblog', 'log', '--worker', worker, '-a', 'values'],
    { cwd: root },
  );
  const answered = linesOf(stdout);
  expect(new Set(answered)).toEqual(new Set(all.flatMap((n) => (doomed.has(n) ? [] : [`<${n}>`]))));
  expect(answered.length).toBe(9_900);
  const log = linesOf(readFileSync(join(root, 'log'), 'utf8')).slice(1);
  const failed = log.map((line) => line.split('\t')).filter(([, , , , , , , signal]) => signal === '9');
  expect(log.length).toBe(10_000);
  expect(new Set(failed.map((fields) => fields[8]))).toEqual(doomed);
  expect(linesOf(stderr).length).toBe(100);
  expect(stderr).toContain('the worker was terminated by SIGKILL without an answer');
  expect(status).toBe(100);
  expect(livingIn(root)).toEqual([]);
});

test('with --retries the value is tried again by another worker', async () => {
  const root = place({ doomed: '2\n5', once: '' });
  const { stdout, status } = await pool(['-k', '--retries', '2', ':::', '1', '2', '3', '4', '5'], root);
  expect({ stdout, status }).toEqual({ stdout: '<1>\n<2>\n<3>\n<4>\n<5>\n', status: 0 });
});

test('five deaths without an answer end the pool with the reason', async () => {
  const values = Array.from({ length: 50 }, (_, at) => String(at));
  const { stderr, status } = await procsup(['pool', '-j1', '--worker', 'exit 7', ':::', ...values], {
    cwd: place(),
  });
  expect(status).toBe(255);
  expect(stderr).toContain(
    'procsup: 5 workers in a row ended without an answer: the last one exited with code 7\n',
  );
  expect(stderr).toContain('5 jobs done (5 failed)');
});

test('a timeout costs the worker and the one value', async () => {
  const root = place();
  // Far more than a worker takes to start: the time of its first value counts from there.
  const { stdout, status } = await pool(['-j1', '--timeout', '15s', ':::', 'hang', '1', '2'], root);
  expect({ stdout, status }).toEqual({ stdout: '<1>\n<2>\n', status: 1 });
  expect(livingIn(root)).toEqual([]);
});

test.each([
  ['--recycle', '2', 3],
  ['--max-memory', '1B', 2],
])('%s replaces workers', async (option, value, least) => {
  const values = Array.from({ length: 6 }, () => 'pid');
  const { stdout, status } = await pool(['-j1', option, value, ':::', ...values]);
  expect(status).toBe(0);
  expect(linesOf(stdout).length).toBe(6);
  expect(new Set(linesOf(stdout)).size).toBeGreaterThanOrEqual(least);
});

test('each framing carries what it can, and what it cannot fails alone', async () => {
  const cat = (framing: string) =>
    procsup(['pool', '-k', '--worker', 'cat', '--framing', framing, ':::', 'a\nb', 'c'], { cwd: place() });
  for (const framing of ['json', 'null', 'length'])
    expect(await cat(framing)).toMatchObject({ stdout: 'a\nb\nc\n', status: 0 });
  const refused = await cat('line');
  expect(refused).toMatchObject({ stdout: 'c\n', status: 1 });
  expect(refused.stderr).toContain("a value with a newline cannot be sent as 'line'");
});

test('the second Ctrl-C kills workers, and leaves nothing', async () => {
  const root = place();
  const running = launch(PROCSUP, ['pool', '-j2', '--worker', WORKER, ':::', '1', 'hang', 'hang', '2'], {
    cwd: root,
  });
  const { child, ended } = running;
  await running.printed('<1>');
  const heard = told(child, 'starting no more jobs');
  child.kill('SIGINT');
  await heard;
  child.kill('SIGINT');
  expect((await ended).status).toBe(130);
  expect(livingIn(root)).toEqual([]);
});

test.each([
  [['--recycle', '5', 'echo', ':::', 'a'], "'--recycle' is for workers only"],
  [['--worker', 'cat', '-u', ':::', 'a'], "workers cannot be given procsup's own stdout"],
  [['--worker', 'cat', '--recycle', '0', ':::', 'a'], "invalid number of values '0'"],
])('%j is refused', async (args, message) => {
  const { status, stderr, stdout } = await procsup(['pool', ...args], { cwd: place() });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});
