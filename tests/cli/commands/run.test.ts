import { realpathSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { procsup } from '../../helpers/procsup.ts';
import { scratch } from '../../helpers/scratch.ts';

const files = {
  Procfile: [
    `web: echo web "$PORT" "$PS" "$A"`,
    `print: ${process.execPath} -e "console.log(JSON.stringify(process.argv.slice(1)))"`,
    'both: true; true',
    'fail: exit 3',
  ].join('\n'),
  '.env': 'A=1\n',
  plain: 'text',
  script: '#!/bin/sh\necho "$0" "$@"\n',
  broken: '#!/no/such/shell\n',
};

const run = (words: readonly string[], env: Record<string, string> = {}) =>
  procsup(['run', ...words], { cwd: scratch(files), env });

describe('a process by its name', () => {
  test('has the environment of its first instance', async () => {
    expect(await run(['web'], { PROCSUP_FORMATION: 'web=0' })).toEqual({
      status: 0,
      signal: null,
      stdout: 'web 5000 web.1 1\n',
      stderr: '',
    });
  });

  test('takes further arguments as they are', async () => {
    const { stdout } = await run(['-p', '6000', 'print', 'a b', '$A', '--help', '--']);
    expect(JSON.parse(stdout)).toEqual(['a b', '$A', '--help', '--']);
  });

  test('takes none where they would have no certain place', async () => {
    expect(await run(['both', 'x'])).toMatchObject({
      status: 2,
      stderr: [
        "error: cannot add arguments to 'both': its command 'true; true' has no unambiguous place for them",
        '  help: put "$@" into the command where the arguments belong\n',
      ].join('\n'),
    });
  });
});

describe('a command', () => {
  test('has the environment of the application, and is a program, never a shell line', async () => {
    const { stdout } = await run([
      'sh',
      '-c',
      'echo $A $PORT $PS $PROCSUP_PRINT_PORT ${PROCSUP_SOFT_NOFILE-unset}',
    ]);
    expect(stdout).toBe('1 5000 run.1 5100 unset\n');
    expect(await run(['echo', '$A;', '*'])).toMatchObject({ stdout: '$A; *\n' });
  });

  test('runs in the root', async () => {
    const cwd = scratch({ 'app/Procfile': 'a: true\n' });
    const { stdout } = await procsup(['-f', 'app/Procfile', 'run', 'pwd', '-P'], { cwd });
    expect(stdout).toBe(`${realpathSync(cwd)}/app\n`);
  });

  test('needs no Procfile', async () => {
    const cwd = scratch({ '.env': 'A=1\n' });
    expect(await procsup(['run', 'sh', '-c', 'echo $A'], { cwd })).toMatchObject({
      stdout: '1\n',
      stderr: '',
    });
    expect(await procsup(['-f', 'P', 'run', 'true'], { cwd })).toMatchObject({ status: 2 });
  });

  test('is found on the PATH of the application', async () => {
    const cwd = scratch({ '.env': 'PATH=tools:/usr/bin:/bin\n', 'tools/tool': '#!/bin/sh\necho mine\n' });
    expect(await procsup(['run', 'tool'], { cwd })).toMatchObject({ status: 0, stdout: 'mine\n' });
  });
});

test.each([
  [['fail'], 3],
  [['sh', '-c', 'exit 255'], 255],
  [['sh', '-c', 'kill -9 $$'], 137],
  [['sh', '-c', 'kill -SEGV $$'], 139],
  [['./script'], 0],
])('the status of %j is %i', async (words, status) => {
  expect(await run(words)).toMatchObject({ status, signal: null });
});

describe('what cannot be run', () => {
  test.each<[words: string[], status: number, message: RegExp]>([
    [
      ['wbe'],
      127,
      /^error: cannot run 'wbe': not found in the Procfile or in PATH\n {2}help: did you mean 'web'\?\n$/,
    ],
    [['no-such-tool'], 127, /^error: cannot run 'no-such-tool': .*\n {2}help: the application's PATH is \//],
    [['./nope'], 127, /^error: cannot run '.\/nope': no such file in '/],
    [['./plain'], 126, /^error: cannot run '.\/plain': not executable .*\n {2}help: run 'chmod \+x \//],
    [['./broken'], 126, /^error: cannot run '.\/broken': interpreter '\/no\/such\/shell' not found/],
    [['/'], 126, /^error: cannot run '\/': is a directory\n$/],
    [[''], 127, /^error: cannot run ''/],
    [['--', '-x'], 127, /^error: cannot run '-x'/],
    [['-C', 'nope', 'true'], 2, /^error: cannot run in 'nope': no such directory\n/],
  ])('%j: status %i', async (words, status, message) => {
    const ended = await run(words);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });
});

test('a pipeline is no process: who runs it is named', async () => {
  const cwd = scratch({ ...files, 'procsup.yaml': 'pipelines:\n  ingest: seq 3 | cat\n' });
  expect(await procsup(['run', 'ingest', 'x'], { cwd })).toEqual({
    status: 2,
    signal: null,
    stdout: '',
    stderr: [
      "error: cannot run 'ingest': it is a pipeline",
      "  help: start it with 'procsup start ingest'\n",
    ].join('\n'),
  });
});
