/** A reading of procsup.yaml that was written as text is the same when it is read again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAppFileText } from '../../src/config/read-app-file.ts';
import { readingFromText, textOfReading, type ReadingSource } from '../../src/config/reading-text.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const examples = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    [...readFileSync(join(DOCS, name), 'utf8').matchAll(/```yaml\n([^]*?)```/g)].map(
      ([, block = ''], at) => [`${name}, ${String(at + 1)}`, block] as const,
    ),
  );

const sourceOf = (text: string): ReadingSource => ({ build: 'b', file: 'x/procsup.yaml', text });
const read = ({ file, text }: ReadingSource) => readAppFileText(file, { ok: true, text });

function textOf(source: ReadingSource): string {
  return textOfReading(read(source), source) ?? expect.fail('it is not written');
}

test.each(examples)('%s', (_, block) => {
  const source = sourceOf(block);
  const reading = read(source);
  const text = textOfReading(reading, source);
  if (text !== undefined) expect(readingFromText(text, source)).toStrictEqual(reading);
});

test('most examples can be written', () => {
  const written = examples.filter(
    ([, block]) => textOfReading(read(sourceOf(block)), sourceOf(block)) !== undefined,
  );
  expect(written.length).toBeGreaterThan(examples.length * 0.6);
});

describe('a reading keeps', () => {
  test.each([
    ['a byte order mark and other line ends', '\uFEFFtasks:\r\n  a: x\r\n  b: { depends_on: [a] }\r\n'],
    ['its warnings', 'tasks: { a: !z { command: x } }'],
    ['names that JavaScript knows', 'tasks: { constructor: x, toString: { depends_on: [constructor] } }'],
    ['nothing', '# nothing\n'],
  ])('%s', (_, text) => {
    const source = sourceOf(text);
    expect(readingFromText(textOf(source), source)).toStrictEqual(read(source));
  });

  test('a variable that is taken away, and is not there otherwise', () => {
    const source = sourceOf('tasks: { a: x }');
    const reading = read(source);
    const [task = expect.fail('no task')] = reading.tasks ?? [];
    const without = { ...reading, tasks: [{ ...task, environment: { A: undefined, B: '' } }] };
    const text = textOfReading(without, source) ?? expect.fail('it is not written');
    expect(readingFromText(text, source)).toStrictEqual(without);
  });

  test('what is no plain value by not being written', () => {
    const source = sourceOf('tasks: { a: x }');
    const reading = read(source);
    for (const odd of [new Map(), /x/, NaN, { $: 1 }, [() => 1]])
      expect(textOfReading({ ...reading, odd } as never, source)).toBeUndefined();
  });
});

test('lines are not written again for each place', () => {
  const tasks = Array.from({ length: 500 }, (_, at) => `t${String(at)}: { command: x, inputs: [a] }`);
  const source = sourceOf(`tasks: { ${tasks.join(', ')} }`);
  expect(textOf(source).length).toBeLessThan(20 * source.text.length);
});

test.each<[string, Partial<ReadingSource>]>([
  ['another build', { build: 'c' }],
  ['another path', { file: 'procsup.yaml' }],
  ['another text', { text: 'tasks: { a: y }' }],
])('that of %s is not taken', (_, other) => {
  const source = sourceOf('tasks: { a: x }');
  const text = textOf(source);
  expect(readingFromText(text, source)).toBeDefined();
  expect(readingFromText(text, { ...source, ...other })).toBeUndefined();
});

test.each([
  ['with errors', 'tasks: { a: { command: 1 } }'],
  ['with code for sockets', 'processes: { web: { command: x, listen: 3000 } }'],
])('one %s is not written', (_, text) => {
  expect(textOfReading(read(sourceOf(text)), sourceOf(text))).toBeUndefined();
});
