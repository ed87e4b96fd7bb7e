import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launch, PROCSUP, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

test.each([
  [['--help'], 0, /^Usage: procsup/, /^$/],
  [[], 2, /^$/, /^Usage: procsup/],
  [['--version'], 0, /^procsup \d/, /^$/],
  [['strat'], 2, /^$/, /^procsup: unknown command 'strat'; did you mean 'start'\?\n/],
  [
    ['start', '--tiemout', '5'],
    2,
    /^$/,
    /^procsup: unknown option '--tiemout'; did you mean '--timeout'\?\n/,
  ],
  [
    ['start', '-t', 'soon', '--restart', 'x'],
    2,
    /^$/,
    /^error: --restart: [^]*error: --timeout: [^]*2 errors\n$/,
  ],
  [['check'], 0, /^$/, /^Valid procfile detected \(web\)\n$/],
])('procsup %j: status %i', async (words, status, stdout, stderr) => {
  const ended = await procsup(words, { cwd: scratch({ Procfile: 'web: true\n' }) });
  expect(ended).toMatchObject({ status, signal: null });
  expect(ended.stdout).toMatch(stdout);
  expect(ended.stderr).toMatch(stderr);
});

test('a bad environment twin is named', async () => {
  const ended = await procsup(['start'], { cwd: scratch(), env: { PROCSUP_RAW: 'maybe' } });
  expect(ended).toMatchObject({ status: 2 });
  expect(ended.stderr).toMatch(/^error: \$PROCSUP_RAW: invalid value 'maybe'\n/m);
});

test('help is coloured where that is asked for, and only there', async () => {
  const help = async (...words: string[]) => (await procsup([...words, '--help'], { cwd: '/' })).stdout;
  expect(await help()).not.toContain('\u001b');
  expect(await help('--color', 'always')).toContain('\u001b[1mUsage:\u001b[22m');
  expect(await help('--color=always', '--color=never')).not.toContain('\u001b');
});

test.runIf(existsSync('/dev/full'))(
  'help for a full disk is a failure, for a closed pipe it is none',
  async () => {
    const sh = (script: string) => launch('/bin/sh', ['-c', script, 'sh', PROCSUP], { cwd: '/' }).ended;
    expect(await sh('"$1" --help > /dev/full')).toMatchObject({
      status: 125,
      stderr: 'procsup: cannot write to standard output: no space left on device\n',
    });
    expect(await sh('{ "$1" --help; echo $? >&2; } | true')).toMatchObject({ stderr: '0\n' });
    expect(await sh('"$1" strat 2> /dev/full')).toMatchObject({ status: 2, stderr: '' });
  },
);

test('a current directory that is gone is no internal error', async () => {
  const cwd = join(scratch({ 'gone/x': '' }), 'gone');
  const shell = launch('/bin/sh', ['-c', 'echo in; read go; exec "$1" run true', 'sh', PROCSUP], { cwd });
  await shell.printed('in');
  rmSync(cwd, { recursive: true });
  shell.child.stdin.end('\n');
  const { status, stderr } = await shell.ended;
  expect(stderr).toMatch(/procsup: the current directory has been removed\n$/);
  expect(status).toBe(2);
});
