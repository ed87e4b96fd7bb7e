import { describe, expect, test } from 'vitest';
import { loadAppForRun } from '../../src/cli/load-app-for-run.ts';
import type { AppOptions } from '../../src/cli/load-app.ts';
import { scratch } from '../helpers/scratch.ts';

async function load(files: Record<string, string>, options: AppOptions = {}) {
  const cwd = scratch(files);
  const { value, problems } = await loadAppForRun(options, { HOME: '/home' }, cwd);
  return { value, cwd, codes: problems.map(({ code }) => code) };
}

test('with a Procfile it is the application', async () => {
  const { value, codes } = await load({ Procfile: 'web: x\nworker: y\n' });
  expect(codes).toEqual([]);
  expect(value?.instances.map(({ name, env }) => [name, env['PORT']])).toEqual([
    ['web.1', '5000'],
    ['worker.1', '5100'],
  ]);
});

describe('without a Procfile', () => {
  test('the environment is all there is', async () => {
    const { value, codes, cwd } = await load({ '.env': 'A=1\n' });
    expect(codes).toEqual([]);
    expect(value).toMatchObject({ root: cwd, processes: [] });
    expect(value?.instances[0]?.env).toEqual({
      HOME: '/home',
      A: '1',
      PORT: '5000',
      PS: 'run.1',
      PROCSUP_PROCESS: 'run',
      PROCSUP_INSTANCE: '1',
    });
  });

  test.each<[string, AppOptions, Record<string, string>, string[]]>([
    ['a Procfile that was named', { file: 'P' }, {}, ['procfile-unreadable']],
    ['one that .env names', {}, { '.env': 'PROCFILE=P\n' }, ['procfile-unreadable']],
    ['an environment file', { env: ['nope'] }, {}, ['env-file-unreadable']],
    ['a directory', { root: 'nope' }, {}, ['root-not-directory']],
    ['a valid port', { port: 'x' }, {}, ['port-invalid']],
  ])('%s must be there', async (_, options, files, expected) => {
    const { value, codes } = await load(files, options);
    expect({ value, codes }).toEqual({ value: undefined, codes: expected });
  });
});
