import { expect, test } from 'vitest';
import { decideColor, type ColorChoice } from '../../src/cli/color.ts';

const terminal = true;
const pipe = false;

test.each<[expected: boolean, choice: ColorChoice, env: Record<string, string>, isTerminal: boolean]>([
  [true, 'auto', {}, terminal],
  [false, 'auto', {}, pipe],
  [true, 'always', { NO_COLOR: '1', TERM: 'dumb', CI: 'true' }, pipe],
  [false, 'never', { FORCE_COLOR: '1' }, terminal],
  [false, 'auto', { NO_COLOR: '1' }, terminal],
  [false, 'auto', { NO_COLOR: '0' }, terminal],
  [true, 'auto', { NO_COLOR: '' }, terminal],
  [false, 'auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, terminal],
  [true, 'auto', { FORCE_COLOR: '1' }, pipe],
  [true, 'auto', { FORCE_COLOR: 'true', CI: '1', TERM: 'dumb' }, pipe],
  [false, 'auto', { FORCE_COLOR: '0' }, terminal],
  [false, 'auto', { FORCE_COLOR: 'false' }, terminal],
  [true, 'auto', { FORCE_COLOR: '' }, terminal],
  [false, 'auto', { FORCE_COLOR: '' }, pipe],
  [false, 'auto', { CI: 'true' }, terminal],
  [false, 'auto', { CI: '1' }, terminal],
  [true, 'auto', { CI: 'false' }, terminal],
  [true, 'auto', { CI: '' }, terminal],
  [false, 'auto', { TERM: 'dumb' }, terminal],
  [true, 'auto', { TERM: 'xterm-256color' }, terminal],
])('%s: --color %s, %o, terminal %s', (expected, choice, env, isTerminal) => {
  expect(decideColor({ choice, env, isTerminal })).toBe(expected);
});
