import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadApp, type AppOptions } from '../../src/config/load-app.ts';
import { scratch } from '../helpers/scratch.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'procsup-load-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
};
const load = (options: AppOptions = {}) => loadApp(options, { REAL: '1' }, cwd);
const summary = async (options: AppOptions = {}) => {
  const { value, problems } = await load(options);
  return value
    ? {
        root: value.root.replace(cwd, 'CWD'),
        procfile: value.procfile,
        envFiles: value.envFiles,
        processes: value.processes,
      }
    : problems.map(({ message }) => message);
};

describe('the root and the Procfile', () => {
  test.each<[string, Record<string, string>, AppOptions, string, string, string[]]>([
    ['the current directory', { Procfile: 'a: x' }, {}, 'CWD', 'Procfile', []],
    ['with .env', { Procfile: 'a: x', '.env': 'A=1' }, {}, 'CWD', 'Procfile', ['.env']],
    [
      '-C',
      { 'd/Procfile': 'a: x', 'd/.env': '', '.env': '' },
      { root: 'd' },
      'CWD/d',
      'd/Procfile',
      ['d/.env'],
    ],
    ['-f', { 'd/P': 'a: x', 'd/.env': '', '.env': '' }, { file: 'd/P' }, 'CWD/d', 'd/P', ['d/.env']],
    ['-f beside -C', { 'd/P': 'a: x', 'e/x': '' }, { file: 'd/P', root: 'e' }, 'CWD/e', 'd/P', []],
    ['PROCFILE', { 'd/P': 'a: x', '.env': 'PROCFILE=d/P' }, {}, 'CWD', 'd/P', ['.env']],
    [
      'PROCFILE below -C',
      { 'e/d/P': 'a: x', 'e/.env': 'PROCFILE=d/P' },
      { root: 'e' },
      'CWD/e',
      'e/d/P',
      ['e/.env'],
    ],
    ['-f over PROCFILE', { Q: 'a: x', '.env': 'PROCFILE=d/P' }, { file: './Q' }, 'CWD', './Q', ['.env']],
    ['an empty PROCFILE', { Procfile: 'a: x', '.env': 'PROCFILE=' }, {}, 'CWD', 'Procfile', ['.env']],
    ['PROCFILE of -e', { P: 'a: x', env: 'PROCFILE=P' }, { env: ['env'] }, 'CWD', 'P', ['env']],
    ['a directory .env', { Procfile: 'a: x', '.env/bin/python': '' }, {}, 'CWD', 'Procfile', []],
  ])('%s', async (_, files, options, root, procfile, envFiles) => {
    write(files);
    expect(await summary(options)).toEqual({ root, procfile, envFiles, processes: ['a'] });
  });

  test('an absolute PROCFILE', async () => {
    write({ P: 'a: x', '.env': `PROCFILE=${join(cwd, 'P')}` });
    expect(await summary()).toMatchObject({ root: 'CWD', procfile: join(cwd, 'P') });
  });

  test('a Procfile that is a pipe runs in the current directory', async () => {
    mkdirSync(join(cwd, 'dev'));
    const fifo = join(cwd, 'dev/63');
    execFileSync('mkfifo', [fifo]);
    spawn('sh', ['-c', 'echo "a: x" > "$0"', fifo], { stdio: 'ignore' });
    expect(await summary({ file: 'dev/63' })).toMatchObject({ root: 'CWD', processes: ['a'] });
  });

  test('a Procfile that is a pipe is read once: what it had can be given to the next load', async () => {
    write({ 'dev/x': '' });
    const fifo = join(cwd, 'dev/63');
    execFileSync('mkfifo', [fifo]);
    spawn('sh', ['-c', 'echo "a: x" > "$0"', fifo], { stdio: 'ignore' });
    const { procfileText } = await load({ file: 'dev/63' });
    expect(procfileText).toBe('a: x\n');
    rmSync(fifo);
    expect(await summary({ file: 'dev/63', procfileText })).toMatchObject({ root: 'CWD', processes: ['a'] });
    write({ Procfile: 'a: x' });
    expect((await load({})).procfileText).toBeUndefined();
  });

  test.each(['.env', 'Procfile', 'procsup.yaml'])('a FIFO as %s is refused, not waited for', async (name) => {
    write({ ...(name !== 'Procfile' && { Procfile: 'a: x' }) });
    execFileSync('mkfifo', [join(cwd, name)]);
    const { value, problems } = await load({});
    expect(value).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(`cannot read .*'${name}': not a regular file`),
    ]);
  });
});

describe('environment files', () => {
  const env = async (options: AppOptions) => (await load(options)).value?.environment;

  test('.env is over the real environment, -e is instead of .env, and the later wins', async () => {
    write({ Procfile: 'a: x', '.env': 'A=0\nREAL=2', one: 'A=1\nB=1', two: 'B=2' });
    expect(await env({})).toMatchObject({ A: '0', REAL: '2' });
    expect(await env({ env: ['one,two'] })).toMatchObject({ A: '1', B: '2', REAL: '1' });
    expect(await env({ env: ['two', 'one'] })).toMatchObject({ A: '1', B: '1', REAL: '1' });
    expect(await env({ env: ['/dev/null'] })).not.toHaveProperty('A');
  });

  test('-e is relative to the current directory, not to the root', async () => {
    write({ 'd/Procfile': 'a: x', 'd/one': 'A=d', one: 'A=cwd' });
    expect(await env({ root: 'd', env: ['one'] })).toMatchObject({ A: 'cwd' });
  });
});

describe('what cannot be read', () => {
  test.each<[string, Record<string, string>, AppOptions, string[]]>([
    ['no Procfile', {}, {}, ["cannot read the Procfile 'Procfile': no such file"]],
    ['no -f', {}, { file: 'x' }, ["cannot read the Procfile 'x': no such file"]],
    ['-f is a directory', { 'd/x': '' }, { file: 'd' }, ["cannot read the Procfile 'd': is a directory"]],
    ['no root', {}, { root: 'x' }, ["cannot run in 'x': no such directory"]],
    ['root is a file', { x: '' }, { root: 'x' }, ["cannot run in 'x': not a directory"]],
    ['no directory of -f', {}, { file: 'd/P' }, ["cannot read the Procfile 'd/P': 'd': no such directory"]],
    ['-e names nothing', { Procfile: 'a: x' }, { env: [''] }, ['missing file name after -e']],
    [
      'all at once',
      {},
      { env: ['a', 'b'], port: 'x' },
      [
        "cannot read the environment file 'a': no such file",
        "cannot read the environment file 'b': no such file",
        "cannot read the Procfile 'Procfile': no such file",
        "invalid port 'x'",
      ],
    ],
  ])('%s', async (_, files, options, messages) => {
    write(files);
    expect(await summary(options)).toEqual(messages);
  });

  test('a missing Procfile comes with what to do', async () => {
    expect((await load()).problems[0]?.remedy).toBe(
      "set its path with -f, or create it with a line such as 'web: node server.js'",
    );
  });
});

describe('where a Procfile is optional', () => {
  async function loadOptional(files: Record<string, string>, options: AppOptions = {}) {
    const cwd = scratch(files);
    const { value, problems } = await loadApp(
      { ...options, procfileIsOptional: true },
      { HOME: '/home' },
      cwd,
    );
    return { value, cwd, codes: problems.map(({ code }) => code) };
  }

  test('the environment is all there is', async () => {
    const { value, codes, cwd } = await loadOptional({ '.env': 'A=1\n' });
    expect(codes).toEqual([]);
    expect(value).toMatchObject({ root: cwd, procfile: null, processes: [], instances: [], portBase: 5000 });
    expect(value?.environment).toEqual({ HOME: '/home', A: '1', PYTHONUNBUFFERED: '1' });
  });

  test.each<[string, AppOptions, Record<string, string>, string[]]>([
    ['a Procfile that was named', { file: 'P' }, {}, ['procfile-unreadable']],
    ['one that .env names', {}, { '.env': 'PROCFILE=P\n' }, ['procfile-unreadable']],
    ['an environment file', { env: ['nope'] }, {}, ['env-file-unreadable']],
    ['a directory', { root: 'nope' }, {}, ['root-not-directory']],
    ['a valid port', { port: 'x' }, {}, ['port-invalid']],
  ])('%s must be there', async (_, options, files, expected) => {
    const { value, codes } = await loadOptional(files, options);
    expect({ value, codes }).toEqual({ value: undefined, codes: expected });
  });
});

test('a wrong value is blamed on the variable it comes from', async () => {
  const labels = { port: '$PROCSUP_PORT', formation: '$PROCSUP_FORMATION' };
  const cwd = scratch({ Procfile: 'web: x\n' });
  const { problems } = await loadApp({ port: 'x', formation: 'web', labels }, {}, cwd);
  expect(problems.map(({ place }) => place?.file).sort()).toEqual(['$PROCSUP_FORMATION', '$PROCSUP_PORT']);
});
