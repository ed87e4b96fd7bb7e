/** The expected command lines are those of `parallel --dry-run echo ...` (GNU parallel 20221122). */
import { describe, expect, test } from 'vitest';
import { inBatches, LONGEST_COMMAND_BYTES } from '../../../src/runtime/pool/batches.ts';
import { toJobs } from '../../../src/runtime/pool/jobs.ts';
import { readOperands } from '../../../src/core/pool/operands.ts';
import { InputError, readRecords } from '../../../src/runtime/pool/records.ts';
import { combined, type SourceOptions } from '../../../src/runtime/pool/sources.ts';
import { compileTemplate } from '../../../src/core/pool/template.ts';

interface Flags extends Partial<SourceOptions> {
  readonly files?: Readonly<Record<string, string>>;
  readonly a?: readonly string[];
  readonly delimiter?: number;
  readonly records?: number;
  readonly fill?: boolean;
  readonly many?: 'join' | 'repeat';
  readonly slots?: number;
  readonly longestBytes?: number;
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'latin1');
  // Each byte alone: a record must not depend on the blocks in which it was read.
  for (const byte of bytes) yield await Promise.resolve(Uint8Array.of(byte));
}

async function* each(items: readonly string[]): AsyncGenerator<string> {
  for (const item of items) yield await Promise.resolve(item);
}

async function lines(words: readonly string[], flags: Flags = {}): Promise<string[]> {
  const { command, sources } = readOperands(words, flags.a ?? []);
  const delimiter = flags.delimiter ?? 10;
  const all = sources.length > 0 ? sources : [{ kind: 'file', items: ['-'], isLinked: false } as const];
  const streams = all.map(({ kind, items, isLinked }) => {
    const name = items[0] ?? '';
    const text = flags.files?.[name] ?? '';
    return {
      isLinked,
      records: kind === 'values' ? each(items) : readRecords(bytesOf(text), { delimiter, name }),
    };
  });
  const options = { columns: null, skipsEmpty: false, links: false, ...flags };
  const many = flags.many ?? 'join';
  const template = compileTemplate(command, { quoted: false, replacement: '{}', many }).value;
  if (template === undefined) throw new Error('no template');
  const { records = null, fill = false, slots = 2, longestBytes = LONGEST_COMMAND_BYTES } = flags;
  const batches = inBatches(combined(streams, options), { records, fill, slots, longestBytes }, template);
  const found: string[] = [];
  for await (const job of toJobs(batches, template, () => true)) found.push(job.commandFor('1'));
  return found;
}

const stdin = (text: string): Flags => ({ files: { '-': text } });
const F = { f1: '1\n2\n3\n', f2: 'x\ny\n' };

describe('values of the command line', () => {
  test.each([
    ['one', 'echo ::: a b', {}, ['echo a', 'echo b']],
    ['cross product', 'echo ::: a b ::: c d', {}, ['echo a c', 'echo a d', 'echo b c', 'echo b d']],
    ['linked', 'echo ::: a b c :::+ d e', {}, ['echo a d', 'echo b e']],
    [
      'linked and crossed',
      'echo ::: a b :::+ c d ::: e f',
      {},
      ['echo a c e', 'echo a c f', 'echo b d e', 'echo b d f'],
    ],
    ['three linked', 'echo ::: a :::+ b :::+ c ::: d e', {}, ['echo a b c d', 'echo a b c e']],
    ['linked to nothing', 'echo :::+ a b', {}, ['echo a', 'echo b']],
    ['--link', 'echo ::: a b c ::: d e', { links: true }, ['echo a d', 'echo b e', 'echo c d']],
    [
      '--link, the first is shorter',
      'echo ::: a b ::: d e f',
      { links: true },
      ['echo a d', 'echo b e', 'echo a f'],
    ],
    ['no values', 'echo :::', {}, []],
    [
      'files',
      'echo :::: f1 f2',
      { files: F },
      ['echo 1 x', 'echo 1 y', 'echo 2 x', 'echo 2 y', 'echo 3 x', 'echo 3 y'],
    ],
    ['linked files', 'echo :::: f1 ::::+ f2', { files: F }, ['echo 1 x', 'echo 2 y']],
    [
      '-a',
      'echo',
      { files: F, a: ['f1', 'f2'] },
      ['echo 1 x', 'echo 1 y', 'echo 2 x', 'echo 2 y', 'echo 3 x', 'echo 3 y'],
    ],
    ['-a and values', 'echo ::: q', { files: F, a: ['f1'] }, ['echo 1 q', 'echo 2 q', 'echo 3 q']],
    [
      'stdin by name',
      'echo :::: - ::: a b',
      stdin('1\n2\n'),
      ['echo 1 a', 'echo 1 b', 'echo 2 a', 'echo 2 b'],
    ],
    ['-N of a cross product', 'echo ::: 1 2 ::: 4 5', { records: 2 }, ['echo 1 4 1 5', 'echo 2 4 2 5']],
  ] as const)('%s', async (_, words, flags, expected) => {
    expect(await lines(words.split(' '), flags)).toEqual(expected);
  });
});

describe('records', () => {
  test.each([
    ['an empty line is a value', stdin('a\n\nb\n'), ['echo a', "echo ''", 'echo b']],
    ['-r leaves it out', { ...stdin('a\n\nb'), skipsEmpty: true }, ['echo a', 'echo b']],
    ['a CR is kept', stdin('a\r\n'), ["echo 'a\r'"]],
    ['blanks are kept', stdin(' a  \n\tb\n'), ["echo ' a  '", "echo '\tb'"]],
    ['-0', { ...stdin('a\nb\0\0c'), delimiter: 0 }, ["echo 'a\nb'", "echo ''", 'echo c']],
    ['-d ,', { ...stdin('a,b\n'), delimiter: 44 }, ['echo a', "echo 'b\n'"]],
    ['-d , at the end', { ...stdin('a,b,'), delimiter: 44 }, ['echo a', 'echo b']],
    ['nothing', stdin(''), []],
  ])('%s', async (_, flags, expected) => {
    expect(await lines(['echo'], flags)).toEqual(expected);
  });

  test.each([
    [',', 'a,b\nc,d\ne\n', 'echo {2} {1}', ['echo b a', 'echo d c', 'echo  e']],
    [',', 'a,b\nc\n', 'echo', ['echo a b', 'echo c']],
    ['[, ]+', 'a b,  c\n', 'echo {2} {1} {3}', ['echo b a c']],
    [',', 'a,,b\n,\n', 'echo {2} {1}', ["echo '' a", "echo '' ''"]],
    [',', 'a,b,,\n', 'echo', ["echo a b '' ''"]],
    ['\\t', 'a\tb\n', 'echo {1}', ['echo a']],
  ])('--colsep %j', async (columns, text, command, expected) => {
    expect(await lines([command], { ...stdin(text), columns: new RegExp(columns, 'u') })).toEqual(expected);
  });

  test('a NUL byte in a line is told with its record', async () => {
    await expect(lines(['echo'], stdin('a\nb\0c\n'))).rejects.toThrow(
      'invalid value in record 2 of -: it contains a NUL byte',
    );
    await expect(lines(['echo'], stdin('a\0'))).rejects.toThrow(InputError);
  });
});

describe('several records for each job', () => {
  const five = stdin('1\n2\n3\n4\n5\n');
  test.each([
    ['-N 2', { records: 2 }, 'echo', ['echo 1 2', 'echo 3 4', 'echo 5']],
    ['-N 2 by number', { records: 2 }, 'echo {2} {1}', ['echo 2 1', 'echo 4 3', 'echo  5']],
    ['-N 0', { records: 0 }, 'echo foo', Array.from({ length: 5 }, () => 'echo foo ')],
    ['-X', { fill: true }, 'echo', ['echo 1 2 3', 'echo 4 5']],
    ['-X in one slot', { fill: true, slots: 1 }, 'echo a{}b c', ['echo a1b a2b a3b a4b a5b c']],
    ['-m', { fill: true, many: 'join' }, 'echo a{}b c', ['echo a1 2 3b c', 'echo a4 5b c']],
    ['-X -n 4', { fill: true, records: 4 }, 'echo', ['echo 1 2 3 4', 'echo 5']],
    [
      'as many as fit',
      { fill: true, slots: 1, longestBytes: 10 },
      'echo',
      ['echo 1 2', 'echo 3 4', 'echo 5'],
    ],
    [
      'one that does not fit',
      { fill: true, slots: 1, longestBytes: 1 },
      'echo',
      [1, 2, 3, 4, 5].map((n) => `echo ${n}`),
    ],
  ] as const)('%s', async (_, flags, command, expected) => {
    expect(await lines([command], { ...five, many: 'repeat', ...flags })).toEqual(expected);
  });
});

describe('the input is read as it is needed', () => {
  test('a cross product of a million values is not made before it is asked for', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<string> {
      for (;;) yield await Promise.resolve(`v${String(++read)}`);
    }
    const thousand = Array.from({ length: 1000 }, (_, index) => String(index));
    const streams = [
      { records: endless(), isLinked: false },
      { records: each(thousand), isLinked: false },
      { records: each(thousand), isLinked: false },
    ];
    const values = combined(streams, { columns: null, skipsEmpty: false, links: false });
    for (let index = 0; index < 3; index++) await values.next();
    expect((await values.next()).value).toEqual(['v1', '0', '3']);
    expect(read).toBe(1);
  });

  test('jobs that are not wanted keep their numbers', async () => {
    const template = compileTemplate(['echo {#}'], { quoted: false, replacement: '{}', many: 'join' }).value;
    if (template === undefined) throw new Error('no template');
    const batches = combined([{ records: each(['a', 'b', 'c']), isLinked: false }], {
      columns: null,
      skipsEmpty: false,
      links: false,
    });
    const seqs: string[] = [];
    for await (const job of toJobs(batches, template, ({ seq }) => seq !== 2)) seqs.push(job.commandFor('1'));
    expect(seqs).toEqual(['echo 1', 'echo 3']);
  });
});
