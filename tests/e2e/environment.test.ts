import { realpathSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { finished, startWith, type StartOptions } from '../helpers/start.ts';

const run = async (options: StartOptions) => {
  const app = startWith(options);
  await app.ended;
  return app;
};

describe('a command is a shell line:', () => {
  test.each([
    ['echo one; echo two', 'one\ntwo\n'],
    ['true && echo and', 'and\n'],
    ['false || echo or', 'or\n'],
    ['FOO=1 env | grep ^FOO', 'FOO=1\n'],
    ['FOO=2 printenv FOO', '2\n'],
    ['cd / && pwd', '/\n'],
    ['echo \'a  b\' "$PS" # comment', 'a  b a.1\n'],
    ['echo a:b#c', 'a:b#c\n'],
    ['echo hi | tr h H', 'Hi\n'],
    ['(echo sub)', 'sub\n'],
    ['exec echo replaced', 'replaced\n'],
    ['if true; then echo then; fi', 'then\n'],
  ])('%s', async (command, output) => {
    expect((await finished(`a: ${command}`)).textOf('a.1')).toBe(output);
  });
});

test('a simple command is no child of a shell', async () => {
  const app = await finished('a: cat /proc/self/status');
  const pid = await app.pidOf('a.1');
  expect(app.textOf('a.1')).toMatch(new RegExp(`^Pid:\\s+${pid}$`, 'm'));
});

test('processes run in the directory of the Procfile, or in that of --root', async () => {
  const files = { 'app/Procfile': 'a: pwd -P', 'other/x': '' };
  const byFile = await run({ files, args: ['start', '-f', 'app/Procfile'] });
  expect(byFile.textOf('a.1')).toBe(`${realpathSync(byFile.root)}/app\n`);
  const byRoot = await run({ files, args: ['start', '-f', 'app/Procfile', '-C', 'other'] });
  expect(byRoot.textOf('a.1')).toBe(`${realpathSync(byRoot.root)}/other\n`);
});

describe('every instance', () => {
  const Procfile = [
    'web: echo "$PORT $PS $PROCSUP_PROCESS $PROCSUP_INSTANCE $PROCSUP_WORKER_PORT"',
    'worker: echo "$PORT $PS $PROCSUP_PROCESS $PROCSUP_INSTANCE $PROCSUP_WEB_PORT"',
    'none: echo never',
  ].join('\n');

  test('has its port and its names', async () => {
    const app = await run({
      files: { Procfile },
      args: ['start', '-m', 'web=2,none=0', '--on-exit', 'keep'],
    });
    expect(app.textOf('web.1')).toBe('5000 web.1 web 1 5100\n');
    expect(app.textOf('web.2')).toBe('5001 web.2 web 2 5100\n');
    expect(app.textOf('worker.1')).toBe('5100 worker.1 worker 1 5000\n');
    expect(app.stdout).not.toContain('never');
  });

  test('keeps its port when it is started alone, counted from -p', async () => {
    const app = await run({ files: { Procfile }, args: ['start', '-p', '7000', 'worker'] });
    expect(app.textOf('worker.1')).toBe('7100 worker.1 worker 1 7000\n');
    expect(app.stdout).not.toContain('web.1');
  });
});

describe('environment files', () => {
  const Procfile = 'a: echo "$A $B $C"';

  test('.env is read where it is, and wins over the real environment', async () => {
    const app = await run({
      files: { Procfile, '.env': 'A=1\nB="two words"\n' },
      env: { A: '0', C: '3' },
    });
    expect(app.textOf('a.1')).toBe('1 two words 3\n');
  });

  test('-e names others, of which the later wins', async () => {
    const app = await run({
      files: { Procfile, '.env': 'C=no\n', one: 'A=1\nB=1\n', two: 'B=2\n' },
      args: ['start', '-e', 'one,two'],
    });
    expect(app.textOf('a.1')).toBe('1 2 \n');
  });

  test('are for the children, not for procsup', async () => {
    const app = await run({
      files: { Procfile: 'a: echo "$NODE_OPTIONS"', '.env': 'NODE_OPTIONS=--no-such-option\n' },
    });
    expect(app.textOf('a.1')).toBe('--no-such-option\n');
  });

  test('may name the Procfile', async () => {
    const app = await run({ files: { '.env': 'PROCFILE=P\n', P: 'a: echo from P' } });
    expect(app.textOf('a.1')).toBe('from P\n');
  });
});

test('what procsup notes down for itself is not in the environment of a child', async () => {
  const app = await run({ files: { Procfile: 'a: env | grep -c ^PROCSUP_SOFT_NOFILE' } });
  expect(app.textOf('a.1')).toBe('0\n');
});

test('a Procfile from a pipe can be read', async () => {
  const app = startWith({
    files: { rest: 'a: echo from the pipe\n' },
    args: ['start', '-f', '/dev/stdin'],
    through: 'cat rest | "$@"',
  });
  await app.ended;
  expect(app.textOf('a.1')).toBe('from the pipe\n');
});

describe('without a word from the user', () => {
  test('Python shows at once what it prints', async () => {
    const command = `a: python3 -c 'import time; print("printed"); time.sleep(600)'`;
    const app = startWith({ files: { Procfile: command } });
    await app.says('printed');
    app.kill('SIGTERM');
    await app.ended;
  });

  const files = {
    'node_modules/.bin/tool': '#!/bin/sh\necho "$0"',
    '.venv/bin/snake': '#!/bin/sh\necho "$VIRTUAL_ENV"',
    'app/Procfile': 'a: tool; snake',
  };
  const env = { VIRTUAL_ENV: '' };

  test.each([
    ['start', ['start', '-C', 'app', '--no-prefix']],
    ['run NAME', ['run', '-C', 'app', 'a']],
    ['run COMMAND', ['run', '-C', 'app', 'sh', '-c', 'tool; snake']],
    ['pipe', ['pipe', '-C', 'app', "sh -c 'tool; snake' | cat"]],
  ])('%s finds the programs of the project', async (_what, args) => {
    const app = await run({ files, args, env });
    const root = realpathSync(app.root);
    expect(app.stdout).toBe(`${root}/node_modules/.bin/tool\n${root}/.venv\n`);
  });

  test('and not with --no-local-bin', async () => {
    for (const args of [['start'], ['run', 'a'], ['pipe', 'a']]) {
      const app = await run({ files, args: [...args, '-C', 'app', '--no-local-bin'], env });
      expect(app.stdout).not.toContain('node_modules');
      expect((await app.ended).status).toBe(127);
    }
  });
});
