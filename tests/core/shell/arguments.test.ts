import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { withArguments } from '../../../src/core/shell/arguments.ts';

const ARGS = ['a b', '$HOME', '*', ''];
const given = ARGS.map((arg) => `<${arg}>`).join('');

const output = (script: string | undefined): string =>
  execFileSync('/bin/sh', ['-c', script ?? 'exit 1', 'name', ...ARGS], { encoding: 'utf8' });

test.each([
  ['/usr/bin/printf <%s>', given],
  ['FOO=1 /usr/bin/printf <%s>', given],
  ['exec /usr/bin/printf <%s>', given],
  [`/usr/bin/printf '<%s>' "x y"`, `<x y>${given}`],
  ['/usr/bin/printf <%s> 2>/dev/null', given],
  [`true && printf '<%s>' "$@" ; echo end`, `${given}end\n`],
  [`printf '<%s>' "$2" "$\{1}"`, '<$HOME><a b>'],
  ['echo $#', '4\n'],
])('%s takes arguments', (command, expected) => {
  expect(output(withArguments(command.replace(/<%s>(?!')/, "'<%s>'")))).toBe(expected);
});

test.each([
  'a && b',
  'a; b',
  'a | b',
  'a &',
  'a # comment',
  '# comment',
  '(a)',
  '{ a; }',
  'if a; then b; fi',
  'a \\',
  "a 'x",
  'FOO=1',
  'cd x',
])('%s does not', (command) => {
  expect(withArguments(command)).toBeUndefined();
});
