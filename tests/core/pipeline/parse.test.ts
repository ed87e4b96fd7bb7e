import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePipeline, pipelineOfWords, readPipeline } from '../../../src/core/pipeline/parse.ts';
import type { Checked } from '../../../src/core/problem.ts';
import { quoteWord, quoteWords } from '../../../src/core/shell/words.ts';

const textsOf = (text: string): readonly string[] | undefined =>
  parsePipeline(text, 'pipe').value?.map((stage) => (stage.joinsStderr ? `${stage.text} |&` : stage.text));

describe('a text is split', () => {
  test.each<[text: string, stages: readonly string[]]>([
    ['a', ['a']],
    ['a | b | c', ['a', 'b', 'c']],
    ['a|b', ['a', 'b']],
    ['  a  |\n b\t', ['a', 'b']],
    ['a |& b', ['a |&', 'b']],
    ['a|&b|c', ['a |&', 'b', 'c']],
    ['a || b | c', ['a || b', 'c']],
    ['a && b; c & d | e', ['a && b; c & d', 'e']],
    ["grep 'a|b' | c", ["grep 'a|b'", 'c']],
    ['grep "a|b" | c', ['grep "a|b"', 'c']],
    ['grep "a\\"|b" | c', ['grep "a\\"|b"', 'c']],
    ["echo 'a\\' | b", ["echo 'a\\'", 'b']],
    ['a \\| b | c', ['a \\| b', 'c']],
    ['a \\\\| b', ['a \\\\', 'b']],
    ['a b\\ | c', ['a b\\ ', 'c']],
    ['echo "$(a | b)" | c', ['echo "$(a | b)"', 'c']],
    ['echo $(a | (b | c)) | d', ['echo $(a | (b | c))', 'd']],
    ['echo `a | b` | c', ['echo `a | b`', 'c']],
    ['echo ${X:-a|b} | c', ['echo ${X:-a|b}', 'c']],
    ['echo ${X:-"}|"} | c', ['echo ${X:-"}|"}', 'c']],
    ['echo $((1 | 2)) | c', ['echo $((1 | 2))', 'c']],
    ['echo $(((1 | 2) << 3)) | c', ['echo $(((1 | 2) << 3))', 'c']],
    ['echo $((a | b) | c) | d', ['echo $((a | b) | c)', 'd']],
    ['(a | b) | c', ['(a | b)', 'c']],
    ['{ a | b; } | c', ['{ a | b; }', 'c']],
    ['echo { | b', ['echo {', 'b']],
    ['echo {a,b} | c', ['echo {a,b}', 'c']],
    ['while read x; do a | b; done | c', ['while read x; do a | b; done', 'c']],
    [
      'for x in a b; do if a | b; then c | d; fi; done | e',
      ['for x in a b; do if a | b; then c | d; fi; done', 'e'],
    ],
    ['case $x in a|b) c | d ;; (e|f) g;; esac | h', ['case $x in a|b) c | d ;; (e|f) g;; esac', 'h']],
    ['echo if | cat', ['echo if', 'cat']],
    ['f() { a | b; }; f | c', ['f() { a | b; }; f', 'c']],
    ['a >| file | b', ['a >| file', 'b']],
    ['a 2>&1 | b', ['a 2>&1', 'b']],
    ['a <<< "x|y" | b', ['a <<< "x|y"', 'b']],
    ['a # b | c', ['a # b | c']],
    ['a | # b | c\n d', ['a', '# b | c\n d']],
    ['a#b | c', ['a#b', 'c']],
    ['echo $# $$# $${ | c', ['echo $# $$# $${', 'c']],
    ['a "b # c" | d', ['a "b # c"', 'd']],
    ["awk '{print $1}' | sort -t'|'", ["awk '{print $1}'", "sort -t'|'"]],
  ])('%j', (text, stages) => {
    expect(textsOf(text)).toEqual(stages);
  });

  test('into what a shell runs as it runs a command of the Procfile', () => {
    const stages = parsePipeline('seq 3 | a; b', 'pipe').value;
    expect(stages?.map(({ script, args }) => ({ script, args }))).toEqual([
      { script: 'exec seq 3', args: [] },
      { script: 'a; b', args: [] },
    ]);
  });

  test.each<[text: string, words: readonly string[]]>([
    ['web', ['web']],
    ['"web" --x', ['web', '--x']],
    ["w'e'\\b 'a b' \"c \\\"d\"", ['web', 'a b', 'c "d']],
    ['sort -n < in 2>&1 -r', ['sort', '-n', '-r']],
    ['echo $HOME "$(ls)"', ['echo', '$HOME', '$(ls)']],
    ['a; b', ['a']],
    ['a && b', ['a']],
    ['(a)', []],
    ['{ a; }', []],
    ['# x\n a b\n c', ['a', 'b']],
  ])('the words of %j', (text, words) => {
    expect(parsePipeline(text, 'pipe').value?.[0].words).toEqual(words);
  });
});

/** `code` and what the caret is under, as in `before^under^after`. */
function marked({ problems }: Checked<unknown>): readonly string[] {
  return problems.map(({ code, place }) => {
    if (place === undefined) return code;
    const { text, column, length, line } = place;
    const at = column - 1;
    const shown = `${text.slice(0, at)}^${text.slice(at, at + length)}^${text.slice(at + length)}`;
    return `${code} ${line}: ${shown}`;
  });
}

describe('what is wrong has a place', () => {
  test.each<[text: string, problem: string]>([
    ['', 'pipe-empty 1: ^^'],
    ['  # only words', 'pipe-empty 1: ^ ^ # only words'],
    ['| a', 'pipe-empty-stage 1: ^|^ a'],
    ['a |', 'pipe-empty-stage 1: a ^|^'],
    ['a |&', 'pipe-empty-stage 1: a ^|&^'],
    ['a | ', 'pipe-empty-stage 1: a ^|^ '],
    ['a | | b', 'pipe-empty-stage 1: a | ^|^ b'],
    ['a | |& b', 'pipe-empty-stage 1: a | ^|&^ b'],
    ['a | # c', 'pipe-empty-stage 1: a ^|^ # c'],
    ["a 'b | c", "pipe-open 1: a ^'^b | c"],
    ['a "b | c', 'pipe-open 1: a ^"^b | c'],
    ['a "$(b" | c', 'pipe-open 1: a "$(b^"^ | c'],
    ['a $(b | c', 'pipe-open 1: a ^$(^b | c'],
    ['a `b | c', 'pipe-open 1: a ^`^b | c'],
    ['a ${b | c', 'pipe-open 1: a ^${^b | c'],
    ['a | (b | c', 'pipe-open 1: a | ^(^b | c'],
    ['a | { b | c', 'pipe-open 1: a | ^{^ b | c'],
    ['a |\nif b | c', 'pipe-open 2: ^if^ b | c'],
    ['a | b) | c', 'pipe-unexpected 1: a | b^)^ | c'],
    ['cat << E | b', 'pipe-here-document 1: cat ^<<^ E | b'],
    ['a\0b', 'pipe-nul 1: a^\0^b'],
  ])('%j', (text, problem) => {
    const reading = parsePipeline(text, 'pipe');
    expect(marked(reading)).toEqual([problem]);
    expect(reading.value).toBeUndefined();
  });

  test.each<[words: readonly string[], problem: string]>([
    [['|', 'a'], 'pipe-empty-stage 1: ^|^ a'],
    [['a', '|'], 'pipe-empty-stage 1: a ^|^'],
    [['a b', '|&'], "pipe-empty-stage 1: 'a b' ^|&^"],
    [['a', '|', '|', 'b'], 'pipe-empty-stage 1: a | ^|^ b'],
    [['a', '|', '', 'x'], "pipe-empty-program 1: a | ^''^ x"],
    [['', '|', 'a'], "pipe-empty-program 1: ^''^ | a"],
    [['a', '|', 'b\0'], "pipe-nul 1: a | 'b^\0^'"],
  ])('words %j', (words, problem) => {
    const reading = pipelineOfWords(words, 'pipe');
    expect(marked(reading)).toEqual([problem]);
    expect(reading.value).toBeUndefined();
  });
});

describe('words', () => {
  test('are kept as they are, one argument is a text', () => {
    expect(readPipeline(['a', 'b | c', '|&', 'd;', "e'"], 'pipe').value).toEqual([
      {
        text: "a 'b | c'",
        words: ['a', 'b | c'],
        script: 'exec "$@"',
        args: ['a', 'b | c'],
        joinsStderr: true,
      },
      {
        text: "'d;' 'e'\\'''",
        words: ['d;', "e'"],
        script: 'exec "$@"',
        args: ['d;', "e'"],
        joinsStderr: false,
      },
    ]);
    expect(readPipeline(['a | b'], 'pipe').value).toHaveLength(2);
    expect(marked(readPipeline([], 'pipe'))).toEqual(['pipe-empty 1: ^^']);
  });

  test('quoted, they are read back by sh exactly', () => {
    const word = fc.oneof(
      fc.string({ unit: fc.constantFrom(...Array.from('ab=~#-.\'"\\$`|&;<>(){}[]*?! \t\n\r%éüß')) }),
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${quoteWords(words)}`], {
          encoding: 'utf8',
        });
        expect(stdout.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 100 },
    );
  });

  test('quoted and joined, they are the same pipeline as a text', () => {
    const word = fc.string({ unit: fc.constantFrom(...Array.from('ab=~#\'"\\$`|&;<(){} \n')), minLength: 1 });
    const stages = fc.array(fc.array(word, { minLength: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(stages, (wanted) => {
        const text = wanted.map((words) => words.map(quoteWord).join(' ')).join(' | ');
        expect(parsePipeline(text, 'pipe').value?.map(({ words }) => words)).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  test('only what needs it is quoted', () => {
    expect(quoteWords(['a', '-n', 'x.y/z', 'a=b', '--x=y', '~', '', 'a b'])).toBe(
      "a -n x.y/z 'a=b' --x=y '~' '' 'a b'",
    );
  });
});

const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;

describe.runIf(hasBash)('beside bash', () => {
  /** Each stage passes on what it gets and then prints its own words, so that the output is the whole pipeline. */
  const SHOW = `show() { cat; printf '<%s>' "$@"; printf '\\n'; }\n`;

  const atom = fc.constantFrom(
    ...['a', 'b c', '|', '|&', '||', '#', ';', '&'].flatMap((inner) => [`'${inner}'`, `"${inner}"`]),
    ...[
      'a',
      'b',
      '\\|',
      '\\ ',
      "\\'",
      '\\"',
      '\\\\',
      'x#y',
      '"\\""',
      "'\\'",
      '"a\'b"',
      '{',
      '}',
      'if',
      'done',
      '=',
      '!',
    ],
    ...[
      '$(echo a | cat)',
      '"$(echo "x | y" | cat)"',
      '`echo a | cat`',
      '${X:-p|q}',
      '"${X:-p|q}"',
      '$((1 | 2))',
    ],
    ...[
      '$( (echo u | cat) | cat)',
      '"$(echo \')\')"',
      '$(case a in a|b) echo c | cat;; esac)',
      '$((2 * (1 | 4)))',
    ],
  );
  const blank = fc.constantFrom(' ', '  ', '\t', ' \\\n ');
  const word = fc.array(atom, { minLength: 1, maxLength: 3 }).map((atoms) => atoms.join(''));
  const simple = fc
    .array(fc.tuple(blank, word), { maxLength: 4 })
    .map((words) => `show${words.map(([space, each]) => space + each).join('')}`);
  const stage = fc.oneof(
    { weight: 5, arbitrary: simple },
    simple.map((command) => `(${command})`),
    simple.map((command) => `{ ${command} | cat; }`),
    simple.map((command) => `if true | cat; then ${command} | cat; fi`),
    simple.map((command) => `for x in 1; do ${command} | cat; done`),
    simple.map((command) => `while ${command} | cat; false | false; do :; done`),
    simple.map((command) => `case x in y|z) ;; w|x) ${command} | cat ;; esac`),
    simple.map((command) => `${command} 2>&1`),
    simple.map((command) => `${command} >| /dev/stdout`),
    simple.map((command) => `${command} # ' | not a stage\n`),
  );
  const separator = fc.constantFrom('|', ' | ', ' |& ', '|\n', ' |\t');
  const pipeline = fc
    .tuple(stage, fc.array(fc.tuple(separator, stage), { maxLength: 4 }))
    .filter(([first, others]) => others.length === 0 || !first.endsWith('\n'))
    .filter(([, others]) => others.slice(0, -1).every(([, each]) => !each.endsWith('\n')))
    .map(([first, others]) => ({
      text: first + others.map(([pipe, each]) => pipe + each).join(''),
      count: others.length + 1,
    }));

  const outputsOf = (scripts: readonly string[]): readonly string[] => {
    const each = 'for each; do eval "$each" < /dev/null; printf "\\0"; done';
    const { stdout } = spawnSync('bash', ['-c', `${SHOW}${each}`, 'bash', ...scripts], { encoding: 'utf8' });
    return stdout.split('\0').slice(0, -1);
  };

  test('generated pipelines are split where bash splits them', () => {
    const cases = fc.sample(pipeline, 60);
    const parsed = cases.map(({ text }) => parsePipeline(text, 'pipe').value);
    expect(parsed.map((stages) => stages?.length)).toEqual(cases.map(({ count }) => count));
    const rebuilt = parsed.map((stages) =>
      (stages ?? []).map(({ text }) => `( eval ${quoteWord(text)} )`).join(' | '),
    );
    const expected = outputsOf(cases.map(({ text }) => text));
    expect(expected.filter((output) => output.includes('<'))).not.toEqual([]);
    expect(outputsOf(rebuilt)).toEqual(expected);
  });

  test('what is open to us is wrong to bash, and what is right to bash is to us', () => {
    const soup = fc.string({ unit: fc.constantFrom(...Array.from('ab \n\'"\\|&;$(){}`#<>')), maxLength: 12 });
    fc.assert(
      fc.property(soup, (text) => {
        const [problem] = parsePipeline(text, 'pipe').problems;
        if (problem === undefined || problem.code === 'pipe-here-document') return;
        // Nothing at all is right to bash, and $'...' is something else to bash than to dash.
        if (problem.code === 'pipe-empty' || text.includes("$'")) return;
        const { status } = spawnSync('bash', ['--posix', '-n', '-c', text]);
        expect(status, `${JSON.stringify(text)}: ${problem.code}`).not.toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
