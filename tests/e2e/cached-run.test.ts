/** A run of tasks that is all in the cache: it reads no YAML, starts nothing, and says the same as the first one. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { launch } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const BOOT = resolve(import.meta.dirname, '../../dist/load-bundle.cjs');

/** Runs a command as bin/procsup.js does, and writes down which chunks and modules of Node it loads, and how much it starts. */
const TELLING = `
  const fs = require('fs');
  const chunks = [];
  if (process.env.REFUSED) fs.mkdtempSync = () => { throw Object.assign(new Error('no'), { code: process.env.REFUSED }); };
  require(process.env.BOOT).boot((name) => chunks.push(name));
  process.on('exit', () => {
    const builtins = process.moduleLoadList.filter((name) => /NativeModule (child_process|net|tty)$/.test(name));
    fs.writeFileSync('told.json', JSON.stringify({ chunks, builtins }));
  });
`;

const YAML = `tasks:
  one: { command: echo one | tee one.txt, inputs: [in.txt], outputs: [one.txt], env_file: own.env, env: [WORD] }
  two: { command: echo two >&2, depends_on: [one], inputs: [in.txt], outputs: [] }
  all: { depends_on: [one, two] }
  odd: { command: 'true', cache: true }
`;

interface Told {
  readonly chunks: readonly string[];
  readonly builtins: readonly string[];
}

function project() {
  const cwd = scratch({ 'procsup.yaml': YAML, 'in.txt': 'in\n', 'own.env': 'WORD=a\n', 't.cjs': TELLING });
  const home = join(cwd, 'home');
  const env = { BOOT, XDG_CACHE_HOME: home };
  const run = async (...words: readonly string[]) => {
    const ended = await launch(process.execPath, [join(cwd, 't.cjs'), 'task', ...words], { cwd, env }).ended;
    return { ...ended, ...(JSON.parse(readFileSync(join(cwd, 'told.json'), 'utf8')) as Told) };
  };
  return { cwd, run, readings: join(home, 'procsup/readings') };
}

const READER = 'config.read-app-file';

test('it loads no reader, starts nothing, and says the same', async () => {
  const { run } = project();
  const first = await run('all');
  expect(first).toMatchObject({ status: 0 });
  expect(first.chunks).toContain(READER);
  const second = await run('all');
  expect(second).toMatchObject({ status: 0, builtins: [] });
  expect(second.chunks).not.toContain(READER);
  expect(second.stdout).toContain('one');
  expect(second.stderr).toContain('2 cached');
  // About the task 'odd', with place and line.
  const warnings = /^[^]*?\d warnings\n/;
  expect(warnings.exec(second.stderr)?.[0]).toBe(warnings.exec(first.stderr)?.[0]);
  expect(second.stderr).toContain("'odd'");
});

test('what is not in the text counts as it is now', async () => {
  const { cwd, run } = project();
  await run('all');
  writeFileSync(join(cwd, 'own.env'), 'WORD=b\n');
  const changed = await run('all');
  expect(changed.chunks).not.toContain(READER);
  expect(changed.stderr).toContain('2 succeeded');
  writeFileSync(join(cwd, 'procsup.yaml'), YAML.replace('echo one', 'echo uno'));
  const other = await run('all');
  expect(other.chunks).toContain(READER);
  expect(other.stdout).toContain('uno');
  expect((await run('all')).chunks).not.toContain(READER);
});

test.each<[string, (path: string) => void]>([
  [
    'damaged',
    (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('tee one.txt', 'tee two.txt')),
  ],
  ['open to others', (path) => chmodSync(path, 0o666)],
])('what was read is read again where the file is %s', async (_, change) => {
  const { run, readings } = project();
  await run('all');
  const [name = ''] = readdirSync(readings);
  change(join(readings, name));
  const again = await run('all');
  expect(again).toMatchObject({ status: 0 });
  expect(again.chunks).toContain(READER);
  expect(again.stderr).toContain('2 cached');
});

test('what the system refuses to the first command is told', async () => {
  const { cwd } = project();
  const env = { XDG_CACHE_HOME: join(cwd, 'home'), BOOT, REFUSED: 'ENOSPC' };
  const run = launch(process.execPath, [join(cwd, 't.cjs'), 'task', 'one'], { cwd, env });
  const { status, stderr } = await run.ended;
  expect(status).toBe(126);
  expect(stderr).toContain('cannot run tasks: no space left on device');
});
