import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { init } from '../../../src/cli/commands/init.ts';
import { loadApp } from '../../../src/config/load-app.ts';
import { plainPaint } from '../../../src/ui/problem-text.ts';
import { scratch } from '../../helpers/scratch.ts';

async function run(cwd: string, options: { readonly toStdout?: boolean; readonly file?: string } = {}) {
  let [stdout, stderr] = ['', ''];
  const settings = { color: 'never', labels: {}, toStdout: false, ...options } as const;
  const status = await init(settings, {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    env: {},
    cwd,
    paint: plainPaint,
  });
  return { status, stdout, stderr };
}

const PROCFILE = 'web: node server.js\nworker: node worker.js # jobs\n2nd: x\n';
const textIn = (cwd: string, name: string) => readFileSync(join(cwd, name), 'utf8');

describe('beside a Procfile', () => {
  test('writes a procsup.yaml that changes nothing', async () => {
    const cwd = scratch({ Procfile: PROCFILE });
    expect(await run(cwd)).toEqual({
      status: 0,
      stdout: 'wrote procsup.yaml, made from Procfile\n',
      stderr: '',
    });
    const { value, problems } = await loadApp({}, {}, cwd);
    expect(problems).toEqual([]);
    expect(value?.instances.map(({ plan }) => plan.saidAt)).toEqual([undefined, undefined, undefined]);
  });

  test('whatever is uncommented in it is valid', async () => {
    const cwd = scratch({ Procfile: PROCFILE });
    const { stdout } = await run(cwd, { toStdout: true });
    expect(existsSync(join(cwd, 'procsup.yaml'))).toBe(false);
    const keys = /^(\s*)# (\s*\w+: ?(?!#).*|defaults:.*)$/gm;
    const files = { Procfile: PROCFILE, 'procsup.yaml': stdout.replace(keys, '$1$2') };
    const { value, problems } = await loadApp({}, {}, scratch(files));
    expect(problems).toEqual([]);
    expect(value?.instances.map(({ plan }) => plan)).toMatchObject([
      { name: 'web', needs: [], ready: { withinMs: 30_000 }, stop: { timeoutMs: 10_000 } },
      { name: 'worker', needs: [{ process: 'web' }], environment: { LOG_LEVEL: 'debug' } },
      { name: '2nd', needs: [{ process: 'worker' }], restart: { mode: 'on-failure' } },
    ]);
  });

  test.each(['procsup.yaml', 'dangling link'])('never writes over a file: %s', async (kind) => {
    const cwd = scratch({ Procfile: PROCFILE, ...(kind === 'procsup.yaml' && { 'procsup.yaml': 'mine' }) });
    if (kind !== 'procsup.yaml') symlinkSync('elsewhere', join(cwd, 'procsup.yaml'));
    const { status, stderr } = await run(cwd);
    expect([status, stderr]).toEqual([2, expect.stringContaining("cannot write 'procsup.yaml': it exists")]);
    if (kind === 'procsup.yaml') expect(textIn(cwd, 'procsup.yaml')).toBe('mine');
    else expect(existsSync(join(cwd, 'elsewhere'))).toBe(false);
  });

  test('says what is wrong with it', async () => {
    const { status, stderr } = await run(scratch({ Procfile: 'web: x\nweb: y' }));
    expect([status, stderr]).toEqual([2, expect.stringContaining("duplicate process name 'web'")]);
  });
});

describe('without a Procfile', () => {
  const scripts = (some: Readonly<Record<string, string>>) => JSON.stringify({ scripts: some });

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'dev before start',
      { 'package.json': scripts({ start: 'x', dev: 'y', test: 'z' }) },
      ['web: npm run dev'],
    ],
    [
      'what goes on beside it',
      { 'package.json': scripts({ start: 'x', 'watch:css': 'y', worker: 'z' }), 'pnpm-lock.yaml': '' },
      ['web: pnpm run start', 'watch-css: pnpm run watch:css', 'worker: pnpm run worker'],
    ],
    ['Django', { 'manage.py': '' }, ['web: python3 manage.py runserver $PORT']],
    [
      'Django with a front end',
      { 'manage.py': '', 'package.json': scripts({ dev: 'vite' }), 'yarn.lock': '' },
      ['web: python3 manage.py runserver $PORT', 'frontend: yarn run dev'],
    ],
    ['Rails', { 'config.ru': '', 'bin/rails': '#!/bin/sh' }, ['web: bin/rails server -p $PORT']],
    ['Rack', { 'config.ru': '', Gemfile: '' }, ['web: bundle exec rackup -p $PORT']],
  ])('writes one: %s', async (_, files, lines) => {
    const cwd = scratch(files);
    expect(await run(cwd)).toMatchObject({ status: 0, stderr: '' });
    const written = textIn(cwd, 'Procfile').split('\n');
    expect(written.filter((line) => line !== '' && !line.startsWith('#'))).toEqual(lines);
    const { value, problems } = await loadApp({}, {}, cwd);
    expect([problems, value?.instances.length]).toEqual([[], lines.length]);
  });

  test.each([{}, { 'package.json': '{' }, { 'package.json': '{"scripts": {"test": "x"}}' }])(
    'and with nothing known, says so: %j',
    async (files) => {
      const cwd = scratch(files);
      const { status, stderr } = await run(cwd);
      expect([status, stderr]).toEqual([2, expect.stringContaining('nothing to make a Procfile of')]);
      expect(existsSync(join(cwd, 'Procfile'))).toBe(false);
    },
  );

  test('a procsup.yaml is left alone', async () => {
    const { status, stderr } = await run(scratch({ 'procsup.yaml': 'x', 'manage.py': '' }));
    expect([status, stderr]).toEqual([2, expect.stringContaining("cannot write 'procsup.yaml': it exists")]);
  });

  test('a named one must be there', async () => {
    const { status, stderr } = await run(scratch({ 'manage.py': '' }), { file: 'Procfile.dev' });
    expect([status, stderr]).toEqual([2, expect.stringContaining("cannot read the Procfile 'Procfile.dev'")]);
  });
});
