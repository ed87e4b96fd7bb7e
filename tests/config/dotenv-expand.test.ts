import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadApp, type AppOptions } from '../../src/config/load-app.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'procsup-expand-'));
  writeFileSync(join(cwd, 'Procfile'), 'web: x\n');
});
afterEach(() => rmSync(cwd, { recursive: true }));

const REAL = { HOME: '/home/me', PATH: '/bin', SECRET: 'a$HOME$&$$', EMPTY: '', NAME: 'real' };

async function load(files: Readonly<Record<string, string>>, options: AppOptions = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const { value, problems, envExpand } = await loadApp(options, REAL, cwd);
  const env = value?.environment ?? {};
  return { env, envExpand, warnings: problems.map(({ code, remedy }) => `${code}: ${remedy ?? ''}`) };
}

describe('--env-expand', () => {
  test.each([
    ['an earlier value', 'A=1\nX=${A}2', '12'],
    ['without braces', 'A=1\nX=$A-2', '1-2'],
    ['the real environment', 'X=${HOME}/x', '/home/me/x'],
    ['the file rather than the real environment', 'NAME=file\nX=$NAME', 'file'],
    ['its own name in the real environment', 'X=${X}', ''],
    ['in double quotes', 'A=1\nX="${A} $A"', '1 1'],
    ['not in single quotes, as in Compose', "A=1\nX='${A} $A'", '${A} $A'],
    ['the last line of a name counts', "A=1\nX='$A'\nX=$A", '1'],
    ['a default for a missing name', 'X=${NOPE:-default}', 'default'],
    ['a default for an empty one', 'X=${EMPTY:-default}', 'default'],
    ['no default for one that is set', 'X=${HOME:-default}', '/home/me'],
    ['a default that is a reference', 'X=${NOPE:-${HOME}}', '/home/me'],
    ['an alternative', 'X=${HOME:+yes}${NOPE:+no}', 'yes'],
    ['a missing name is empty', 'X=a${NOPE}b', 'ab'],
    ['a later value is not known yet', 'X=$LATER\nLATER=1', ''],
    ['an escaped dollar', 'X=\\$HOME', '$HOME'],
    ['a lone dollar', 'X="5$ and $"', '5$ and $'],
    ['what is inserted is not expanded again', 'X=${SECRET}', 'a$HOME$&$$'],
    ['nor when it has gone through another value', 'A=$SECRET\nX="<${A}>"', '<a$HOME$&$$>'],
    ['nor what single quotes kept', "A='$HOME'\nX=$A", '$HOME'],
    ['a command is never run', 'X=$(echo ran)', '$(echo ran)'],
  ])('%s', async (_, text, expected) => {
    const before = { ...process.env };
    expect((await load({ '.env': text }, { envExpand: true })).env['X']).toBe(expected);
    expect(process.env).toEqual(before);
  });

  test('a value extends the real one of its own name', async () => {
    const { env } = await load({ '.env': 'PATH=/mine:$PATH\nNAME=my-${NAME}' }, { envExpand: true });
    expect(env).toMatchObject({ PATH: '/mine:/bin', NAME: 'my-real' });
  });

  test('a later file knows the values of an earlier one', async () => {
    const files = { one: 'A=1\nHOME=/file', two: 'X=$A$HOME' };
    const { env } = await load(files, { env: ['one,two'], envExpand: true });
    expect(env['X']).toBe('1/file');
  });
});

describe('is off unless asked for', () => {
  const dotenv = { '.env': 'X=${HOME}' };

  test('and the warning names the option', async () => {
    const { env, envExpand, warnings } = await load(dotenv);
    expect({ x: env['X'], envExpand }).toEqual({ x: '${HOME}', envExpand: false });
    expect(warnings).toEqual([expect.stringMatching(/^env-file-reference: .*--env-expand/)]);
  });

  test.each<[string, AppOptions, string, string]>([
    ['the option', { envExpand: true }, '', '/home/me'],
    ['procsup.yaml', {}, 'env_expand: true\n', '/home/me'],
    [
      'procsup.yaml, for a pipeline of the command line',
      { withoutPipelines: true },
      'env_expand: true\n',
      '/home/me',
    ],
    ['the option rather than procsup.yaml', { envExpand: false }, 'env_expand: true\n', '${HOME}'],
    ['procsup.yaml says no', {}, 'env_expand: false\n', '${HOME}'],
  ])('%s', async (_, options, yaml, expected) => {
    const { env, warnings } = await load({ ...dotenv, 'procsup.yaml': yaml }, options);
    expect(env['X']).toBe(expected);
    expect(warnings.length).toBe(expected === '${HOME}' ? 1 : 0);
  });

  test('a wrong value in procsup.yaml is told', async () => {
    const { warnings } = await load({ ...dotenv, 'procsup.yaml': 'env_expand: maybe\n' });
    expect(warnings.join()).toContain('app-file');
  });
});
