/** What procsup.yaml names on disk for its processes. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadApp } from '../../src/config/load-app.ts';
import { wholeEnvironment } from '../../src/core/plan/environment.ts';
import { scratch } from '../helpers/scratch.ts';

const load = async (files: Readonly<Record<string, string>>) => {
  const cwd = scratch(files);
  return { cwd, ...(await loadApp({}, { HOME: '/home' }, cwd)) };
};
const yaml = (keys: string) => ({ 'procsup.yaml': `processes:\n  web:\n    command: x\n    ${keys}\n` });

describe('working_dir', () => {
  test('is relative to the project', async () => {
    const { value, cwd, problems } = await load({ ...yaml('working_dir: app/src'), 'app/src/x': '' });
    expect(problems).toEqual([]);
    expect(value?.instances[0]?.plan.workingDir).toBe(join(cwd, 'app/src'));
  });

  test.each([
    ['nowhere', 'no such directory'],
    ['procsup.yaml', 'not a directory'],
  ])('must be a directory: %s', async (name, why) => {
    const { value, problems } = await load(yaml(`working_dir: ${name}`));
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([
      { code: 'working-dir', message: `cannot run in '${name}': ${why}`, place: { line: 4, column: 5 } },
    ]);
  });
});

describe('env_file', () => {
  const variablesOf = ({ value }: Awaited<ReturnType<typeof load>>, names: readonly string[]) => {
    const env = wholeEnvironment(value?.instances[0]?.env ?? expect.fail('no plan'));
    return names.map((name) => env[name]);
  };

  test('overrides .env, is overridden by environment, and a later one wins', async () => {
    const loaded = await load({
      ...yaml('env_file: [one, two]\n    environment: {D: own}'),
      '.env': 'A=env\nB=env\nC=env\nD=env',
      one: 'B=one\nC=one\nD=one',
      two: 'C=two\nD=two',
    });
    expect(loaded.problems).toEqual([]);
    expect(variablesOf(loaded, ['A', 'B', 'C', 'D'])).toEqual(['env', 'one', 'two', 'own']);
  });

  test('of all processes is that of those that name none', async () => {
    const files = { all: 'A=all\nB=all', own: 'A=own' };
    const defaults = 'defaults: {env_file: all}\n';
    const text = (keys: string) => ({ ...files, 'procsup.yaml': `${defaults}${yaml(keys)['procsup.yaml']}` });
    expect(variablesOf(await load(text('tty: false')), ['A', 'B'])).toEqual(['all', 'all']);
    expect(variablesOf(await load(text('env_file: own')), ['A', 'B'])).toEqual(['own', undefined]);
  });

  test('that is missing is an error with its place, unless it may be', async () => {
    const { problems } = await load(yaml('env_file: [{path: no, required: false}, gone]'));
    expect(problems).toMatchObject([
      {
        code: 'env-file-unreadable',
        message: "cannot read the environment file 'gone': no such file",
        place: { line: 4, column: 45 },
      },
    ]);
  });

  test('has its own problems told, once', async () => {
    const { problems } = await load({
      'procsup.yaml': 'processes: {a: {command: x, env_file: f}, b: {command: x, env_file: f}}',
      f: 'oops',
    });
    expect(problems).toMatchObject([{ code: 'env-file-dead-line', place: { file: 'f', line: 1 } }]);
  });

  test('is read again by a reload', async () => {
    const { files, cwd } = await load({ ...yaml('env_file: [a, {path: b, required: false}]'), a: 'A=1' });
    expect(files.map(({ path, digest }) => [path, digest === null])).toEqual([
      [join(cwd, 'Procfile'), true],
      [join(cwd, 'procsup.yaml'), false],
      [join(cwd, 'a'), false],
      [join(cwd, 'b'), true],
      [join(cwd, '.env'), true],
    ]);
  });
});

test('a project may have no Procfile, if a process has a command', async () => {
  expect((await load(yaml('tty: false'))).value).toMatchObject({ procfile: null, processes: ['web'] });
  const { problems } = await load({ 'procsup.yaml': 'processes: {web: {tty: true}}' });
  expect(problems.map(({ message }) => message)).toContain(
    "cannot read the Procfile 'Procfile': no such file",
  );
});
