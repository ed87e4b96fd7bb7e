/** The expected command lines are those that GNU parallel 20221122 prints with --dry-run, but for the kind of quotes. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { compileTemplate, type TemplateOptions } from '../../../src/core/pool/template.ts';

const PLAIN: TemplateOptions = { quoted: false, replacement: '{}', many: 'join' };

function render(
  words: readonly string[],
  values: readonly string[],
  options: Partial<TemplateOptions> = {},
): string {
  const { value, problems } = compileTemplate(words, { ...PLAIN, ...options });
  if (value === undefined) throw new Error(problems[0]?.message);
  return value.render(values, 7, '2');
}

describe('the shapes of a value', () => {
  test.each([
    ['a.b/c.tar.gz', 'a.b/c.tar|c.tar.gz|a.b|c.tar'],
    ['/', "/|''|/|''"],
    ['/x', '/x|x|/|x'],
    ['x', 'x|x|.|x'],
    ['x/', "x/|''|.|''"],
    ['a.b/c', 'a.b/c|c|a.b|c'],
    ['.bashrc', "''|.bashrc|.|''"],
    ['d/.bashrc', "d/|.bashrc|d|''"],
    ['a.', 'a|a.|.|a'],
    ['foo.b c', "foo|'foo.b c'|.|foo"],
    ['', "''|''|.|''"],
    ['a//b', 'a//b|b|a|b'],
    ['//x', '//x|x|/|x'],
    ['a/b.c/', "a/b.c/|''|a|''"],
  ])('{.} {/} {//} {/.} of %j', (value, expected) => {
    expect(render(['echo {.}|{/}|{//}|{/.}'], [value])).toBe(`echo ${expected}`);
  });
});

describe('the places of values', () => {
  test.each([
    ['no place: the value is appended', ['echo'], ['a b'], "echo 'a b'"],
    ['several values are appended with blanks', ['echo'], ['a', 'c'], 'echo a c'],
    ['words are joined as they are', ['echo', 'a b', '{}', "it's", '$HOME'], ['x'], "echo a b x it's $HOME"],
    ['an empty word is nothing', ['echo', '', 'x'], ['v'], 'echo  x v'],
    ['an empty command', [''], ['a b'], " 'a b'"],
    ['by number', ['echo {2} {3} {-1} {-2} {01}'], ['a', 'b'], 'echo b  b a a'],
    [
      'by number and shape',
      ['echo {1} {2.} {1/} {2//} {1/.} {}'],
      ['a/b.c', 'x/y.z'],
      'echo a/b.c x/y b.c x b a/b.c x/y.z',
    ],
    ['seq and slot', ['echo {#} {%}'], ['a'], 'echo 7 2'],
    ['a value that is missing is no word, an empty one is', ['echo {1}{2}'], [''], "echo ''"],
    [
      'other braces stay',
      ['echo {0} {..} {+1} {+/} {##} { } {a,b} ${x}'],
      ['v'],
      'echo {0} {..} {+1} {+/} {##} { } {a,b} ${x} v',
    ],
    ['braces around a place', ['echo {{}}'], ['a'], 'echo {a}'],
    ['a value with braces is not read again', ['echo {} {1}'], ['{2}'], "echo '{2}' '{2}'"],
  ])('%s', (_, words, values, expected) => {
    expect(render(words, values)).toBe(expected);
  });

  test('without a command, the values are the command', () => {
    expect(render([], ['echo hi', '; echo b'])).toBe('echo hi ; echo b');
  });

  test('-I replaces {} only', () => {
    expect(render(['echo ,, {} {.}'], ['a.b'], { replacement: ',,' })).toBe('echo a.b {} a');
  });

  test('a text for people has values as they are, and none is appended', () => {
    expect(render(['{/}-{#}:'], ['a/b c'], { isText: true })).toBe('b c-7:');
    expect(render(['x'], ['a'], { isText: true })).toBe('x');
    expect(render([], ['a b', "it's"], { isText: true })).toBe("a b it's");
  });

  test('a Perl expression is refused, with the shell as the remedy', () => {
    const { value, problems } = compileTemplate(['echo', '{= s/a/b/ =}'], PLAIN);
    expect(value).toBeUndefined();
    expect(problems[0]?.message).toContain("'{= s/a/b/ =}'");
  });
});

describe('-q quotes the words', () => {
  test.each([
    [['echo', 'a b', '{}', '$HOME'], ['x'], "echo 'a b' x '$HOME'"],
    [['echo', '{}x y', '"{}"', '{#} {%}', ''], ['a b'], `echo 'a bx y' '"a b"' '7 2' ''`],
    [['echo'], ['a b'], "echo 'a b'"],
  ])('%j', (words, values, expected) => {
    expect(render(words, values, { quoted: true })).toBe(expected);
  });
});

describe('several values for each job', () => {
  test.each([
    ['-n, -m', 'join', 'echo a{}b c', ['1', '2'], 'echo a1 2b c'],
    ['-N, -X', 'repeat', 'echo a{}b c', ['1', '2'], 'echo a1b a2b c'],
    ['a shape', 'repeat', 'echo {} x {.}', ['1', '2'], 'echo 1 2 x 1 2'],
    ['beside the seq', 'repeat', 'echo {}-{#}', ['1', '2'], 'echo 1-7 2-7'],
    ['a place by number is not repeated', 'repeat', 'echo {1}{2} {#}', ['a', 'b'], 'echo ab 7'],
    [
      'a word that has both is',
      'repeat',
      'echo {1}-{} "p {} q" z{#}',
      ['a', 'b'],
      'echo a-a a-b "p a b q" z7',
    ],
    ['joined beside others', 'join', 'echo {#}-{}{1}', ['a', 'b'], 'echo 7-a ba'],
    ['appended', 'repeat', 'echo', ['a', 'b'], 'echo a b'],
    ['missing', 'repeat', 'echo {2} {1}', ['5'], 'echo  5'],
  ] as const)('%s', (_, many, command, values, expected) => {
    expect(render([command], values, { many })).toBe(expected);
  });

  test('no command is longer than its cost', () => {
    for (const command of ['echo', 'echo a{}b {1} {-1} {2.}', 'x {#}{%} {}{}'])
      for (const many of ['join', 'repeat'] as const) {
        const template = compileTemplate([command], { ...PLAIN, many }).value;
        const values = ['a', "it's", '', 'ä ö', 'long'.repeat(50)];
        const cost = values.reduce(
          (sum, value, at) => sum + (template?.bytesOf(value, at) ?? 0),
          template?.fixedBytes ?? 0,
        );
        expect(Buffer.byteLength(template?.render(values, 1, '1') ?? '')).toBeLessThanOrEqual(cost);
      }
  });
});

describe('sh reads back what the value was', () => {
  test.each([
    ['blanks', '  a  b '],
    ['both quotes', `it's "so" \\`],
    ['newlines', '\na\n\nb\n'],
    ['a leading dash', '-n'],
    ['nothing', ''],
    ['what sh expands', '$HOME `id` $(id) ~ * ? [a] ! # & ; | < > {a,b}'],
    ['an assignment', 'a=b'],
    ['what printf would format', '%s \\n'],
    ['letters beyond ASCII', 'ä 中 🙂'],
    ['control characters', '\u0001\t\r\u007f'],
  ])('%s', (_, value) => {
    const line = render(['printf "%s" {}; printf "<%s>" {} {}'], [value]);
    expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe(`${value}<${value}><${value}>`);
  });

  test('200 KB, which only a builtin takes', () => {
    const value = `'${'x y\n'.repeat(50_000)}`;
    const line = render(['printf "%s" {}'], [value]);
    expect(execFileSync('/bin/sh', [], { input: line, encoding: 'utf8' })).toBe(value);
  });

  test('bytes that are not UTF-8', async () => {
    const { valueOfBytes } = await import('../../../src/core/pool/quote-value.ts');
    const bytes = Buffer.from([
      0x61, 0xe9, 0x20, 0xc3, 0xa4, 0xff, 0xc3, 0x27, 0xe4, 0xb8, 0xad, 0xed, 0xa0, 0x80, 0x0a, 0x80,
    ]);
    for (const quoted of [false, true]) {
      const line = render(['printf', '%s', '{}'], [valueOfBytes(bytes)], { quoted });
      expect(execFileSync('/bin/sh', ['-c', line])).toEqual(bytes);
    }
  });
});
