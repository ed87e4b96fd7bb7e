import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { scriptFor } from '../../../src/core/shell/command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'procsup-shell-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const REPLACED = [
  'node server.js',
  'env',
  './bin/web --port $PORT',
  '../x/y.sh -a "b c" \'d;e\' f\\;g',
  'cat a b',
  '/usr/bin/env A=1 true',
  'env PORT=${PORT:-3000} sh',
  'bundle exec puma -C config/puma.rb',
  'cat *.txt ~/x [ab]? {}',
  'python3.11 -m http.server "$PORT"',
  'cat # not; a | program &',
  'cat a#b #c',
  'cat > /tmp/log 2>&1 < /dev/null',
  '2>&1 >>/dev/null cat x',
  'tail -f "$(cat file)" `ls x`',
  'FOO=1 BAR="$x y" node x',
  'find . -exec rm {} \\;',
  'cat "it\'s; fine | really & `ls` ${X} $(ls)"',
  'cat $',
  'cat "cost$"',
  'cat "$1" $# $? $$ $!',
  '\t cat  x \t',
];

const LEFT_ALONE = [
  '',
  ' ',
  '#',
  '# cat',
  'FOO=1',
  'FOO=1 BAR=2',
  '> file',
  'a; b',
  'a;',
  'a & b',
  'a &',
  'a && b',
  'a || b',
  'a | b',
  'a |& b',
  'a &> b',
  'a\nb',
  'a\rb',
  'a\0b',
  '(a)',
  '{ a; }',
  '{ a',
  '! a',
  '`a`',
  '`a` b',
  '$(a) b',
  '$A b',
  '"$A" b',
  '"a" b',
  "'a' b",
  '\\a b',
  'a\\ b c',
  'a* b',
  '~/a',
  'a{b,c}',
  '[ a ]',
  '[[ a ]]',
  '-x',
  '-- a',
  'a=b+c',
  'FOO+=1 a',
  'A[1]=2 a',
  '+x',
  'if a',
  'while a',
  'for a in b',
  'case a in',
  'time a',
  'function a',
  'coproc a',
  'echo a',
  'printf a',
  'true',
  'false',
  'test a',
  'kill 1',
  'pwd',
  'cd a',
  'exit 3',
  'export A',
  'eval a',
  'exec a',
  'set a',
  'unset a',
  '. a',
  ': a',
  'source a',
  'read a',
  'wait',
  'trap a',
  'umask',
  'ulimit -n',
  'alias a',
  'return',
  'shift',
  'times',
  'type a',
  'command a',
  'local a',
  'getopts a',
  'hash',
  'jobs',
  'fg',
  'bg',
  'break',
  'continue',
  'readonly a',
  'unalias a',
  'let a',
  'declare a',
  'typeset a',
  'builtin a',
  'FOO=1 echo a',
  '>x echo a',
  'a "b',
  "a 'b",
  'a \\',
  'a `b',
  'a $(b',
  'a ${b',
  'a "$(b" ; c',
  'a ${b:-"}"; c}',
  "a $'b\\' ; c '",
  'a <<X',
  'a <(b)',
  'a >(b)',
  'a (b)',
  'a()',
  'a() { b; }',
  'a )',
  'a $(case x in x) b;; esac)',
  'a "$(case x in x) b "; c "',
  'a $(b # )',
  'a `b "`" c',
  'A=1 b > $A',
  'a\u00a0b',
  'a\vb',
  `cat ${'x'.repeat(200_000)}`,
];

describe('exec stands before the program of', () => {
  test.each(REPLACED)('%j', (command) => {
    expect(scriptFor(command)).not.toBe(command);
    expect(scriptFor(command).replace('exec ', '')).toBe(command);
  });

  test.each([
    ['FOO=1 node x', 'FOO=1 exec node x'],
    ['>log 2>&1 node x', '>log 2>&1 exec node x'],
    ['FOO="a b" >log node x # y', 'FOO="a b" >log exec node x # y'],
  ])('%j, after assignments and redirections', (command, script) => {
    expect(scriptFor(command)).toBe(script);
  });
});

describe('nothing is changed in', () => {
  test.each(LEFT_ALONE)('%j', (command) => {
    expect(scriptFor(command)).toBe(command);
  });
});

test('long lines of open brackets and quotes end soon', () => {
  for (const piece of ['$(', '"$(', '${', '`', '"', "'", '\\', '$(x "', "$('", '"${x:-']) {
    const command = `cat ${piece.repeat(20_000)}`;
    expect(scriptFor(command).replace('exec ', '')).toBe(command);
  }
});

const RUNS = Number(process.env['PROCSUP_TEST_RUNS'] ?? 60);

const SHELLS = [
  ['/bin/sh', 'sh'],
  ['/bin/bash', 'sh'],
].filter(([path]) => existsSync(path ?? '')) as [string, string][];

describe.each(SHELLS)('%s as %s', (path, argv0) => {
  test.each([
    'env printf "%s\\n" a "b c" \'d;e\' f\\;g',
    'A=1 B=$A C="x y" env sh -c \'echo $A-$B-$C\'',
    'PATH=/bin:/usr/bin ls -d /',
    'IFS=, env printf "[%s]" $LIST',
    'env printf "%s|" $LIST "$LIST" ${LIST} ${NONE:-none} ${LIST#a} $# $? *.none ~',
    'env printf "%s|" "$(echo a b)" $(echo a b) `echo c d` "`echo e f`"',
    'cat /nonexistent/file 2>&1',
    'cat < /nonexistent/file',
    'cat > /nonexistent/dir/file',
    'nonexistent-program-of-procsup a',
    '/etc/passwd',
    '/nonexistent/program',
    '/',
    'env sh -c "exit 7"',
    'env sh -c "kill -9 \\$\\$"',
    'sh -c "echo out; echo err >&2" 2>&1 >/dev/null',
    '2>&1 >/dev/null sh -c "echo out; echo err >&2"',
    'env printf x # ; exit 4',
    'env printf "%s" a#b',
    'env printf "%s" ${NONE?is not set}',
    'env sh -c "exit $UNSET"',
    'cat <&-',
    'dd bs=1 count=0',
    'tests/fixtures/no-such-script',
  ])('%j does the same with exec', (command) => {
    const script = scriptFor(command);
    expect(script).not.toBe(command);
    expect(outcome(path, argv0, script)).toEqual(outcome(path, argv0, command));
  });

  test('so does whatever is put together at random', () => {
    const piece = fc.constantFrom(
      'env',
      'printf',
      'cat',
      'ls',
      '-d',
      '/',
      'A=1',
      'B=$A',
      ' ',
      ' ',
      ' ',
      '"',
      "'",
      '\\',
      '$',
      '$(',
      ')',
      '(',
      '`',
      '${LIST}',
      '$LIST',
      '#',
      ';',
      '&',
      '|',
      '<',
      '>',
      '2>&1',
      '/dev/null',
      '{',
      '}',
      '!',
      'case',
      'x',
      'in',
      '~',
      '*',
      'exit 3',
      'echo a',
    );
    const commands = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(''));
    const changed = commands.filter((command) => scriptFor(command) !== command);
    fc.assert(
      fc.property(changed, (command) => {
        const before = outcome(path, argv0, command);
        expect(outcome(path, argv0, scriptFor(command))).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  });
});

/** Status as procsup would report it. The wording of a shell's complaints differs, and what bash sets in `_` and SHLVL. */
function outcome(path: string, argv0: string, script: string) {
  const env = { PATH: '/usr/bin:/bin', HOME: '/root', LIST: 'a,b c' };
  const cwd = join(scratch, 'here');
  mkdirSync(cwd);
  const { status, signal, stdout } = spawnSync(path, ['-c', script], {
    argv0,
    env,
    cwd,
    input: '',
    encoding: 'utf8',
  });
  rmSync(cwd, { recursive: true });
  const code = signal ? 128 + constants.signals[signal] : status;
  return {
    code,
    stdout: stdout.replace(/^(?:_|SHLVL)=.*\n/gm, '').replace(/^(?:sh: .*\n)+/gm, 'complaint\n'),
  };
}
