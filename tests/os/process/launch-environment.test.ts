import { describe, expect, test } from 'vitest';
import {
  ignoredAtStart,
  ignoringPrelude,
  restoreLostVariables,
} from '../../../src/os/process/launch-environment.ts';

describe('the variables that the shell has dropped', () => {
  test('come back from their pieces, which are taken away', () => {
    const bytes = Buffer.from('app.name=a=b\nc\0BASH_FUNC_x%%=() { :; }\0empty.one=\0').toString('hex');
    const env = { HOME: '/h', PROCSUP_ODD_ENV_0: bytes.slice(0, 20), PROCSUP_ODD_ENV_1: bytes.slice(20) };
    restoreLostVariables(env);
    expect(env).toEqual({
      HOME: '/h',
      'app.name': 'a=b\nc',
      'BASH_FUNC_x%%': '() { :; }',
      'empty.one': '',
    });
  });

  test('are none in a usual environment', () => {
    const env = { HOME: '/h' };
    restoreLostVariables(env);
    expect(env).toEqual({ HOME: '/h' });
  });
});

test.each([
  [undefined, []],
  ['', []],
  ['\t0000000000000001\n', ['SIGHUP']],
  ['\t0000000000000003\n', ['SIGHUP', 'SIGINT']],
  ['\t0000000000001006\n', ['SIGINT']],
  [
    '1024\nName:\tsh\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000000002\nSigCgt:\t0000000000000001',
    ['SIGINT'],
  ],
  ["trap -- '' SIGHUP\ntrap -- '' SIGQUIT", ['SIGHUP']],
  ["trap -- '' SIGINT", ['SIGINT']],
  ['nonsense', []],
])('what was ignored at the start is read from %j', (told, signals) => {
  expect(ignoredAtStart(told === undefined ? {} : { PROCSUP_IGNORED: told })).toEqual(signals);
});

test('a program gets them ignored by shell code', () => {
  expect(ignoringPrelude([])).toBe('');
  expect(ignoringPrelude(['SIGHUP', 'SIGINT'])).toBe("trap '' HUP INT; ");
});
