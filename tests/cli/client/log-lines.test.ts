import { describe, expect, test } from 'vitest';
import { createLogLines, type LogLinesOptions } from '../../../src/cli/client/log-lines.ts';
import type { Io } from '../../../src/cli/io.ts';
import { plainTheme, type Theme } from '../../../src/ui/paint.ts';
import { logLine } from '../../helpers/fake-api.ts';

const INSTANCES = ['web.1', 'web.2', 'worker.1'];

async function setUp(
  options: Partial<LogLinesOptions> = {},
  theme: Theme = plainTheme,
  isColoured = theme !== plainTheme,
) {
  const errors: string[] = [];
  const io = {
    stderr: (text: string) => void errors.push(text),
    theme: () => Promise.resolve(theme),
    coloured: { stdout: isColoured, stderr: false },
  } as unknown as Io;
  const print = await createLogLines({
    ...{ json: false, prefix: true, timestamps: 'none', grep: undefined, instances: INSTANCES },
    ...{ io, forTerminal: false },
    ...options,
  });
  return {
    errors,
    print: (line: Parameters<typeof print>[0]) => {
      const printed = print(line);
      return printed && Buffer.from(printed);
    },
  };
}

test('with the name before it, as wide as the longest', async () => {
  const { print } = await setUp();
  expect(String(print(logLine('é')))).toBe('web.1    | é\n');
  expect(String(print(logLine('x', 'worker.1')))).toBe('worker.1 | x\n');
  expect(String(print(logLine('x', 'system')))).toBe('system   | x\n');
});

test('with the time', async () => {
  const { print } = await setUp({ timestamps: 'iso', instances: [] });
  expect(String(print(logLine('x')))).toBe('2026-01-02T03:04:05Z web.1  | x\n');
});

test('colours are by process, and our own for us', async () => {
  const theme = {
    ...plainTheme,
    process: (index: number) => (text: string) => `<${String(index)}${text}>`,
    system: (text: string) => `(${text})`,
  };
  const { print } = await setUp({}, theme);
  expect(['web.2', 'worker.1', 'system'].map((name) => String(print(logLine('x', name))))).toEqual([
    '\x1b[0m<0web.2    |> x\n',
    '\x1b[0m<1worker.1 |> x\n',
    '\x1b[0m(system   |) x\n',
  ]);
});

test('bare, and byte for byte what it was', async () => {
  const { print } = await setUp({ prefix: false });
  expect(print({ ...logLine('�'), base64: '/wA=' })).toEqual(Buffer.from([0xff, 0x00, 0x0a]));
  expect(String(print(logLine('\x1b[2J')))).toBe('\x1b[2J\n');
});

test('harmless on a terminal, whole where it is text', async () => {
  const { print } = await setUp({ prefix: false, forTerminal: true }, plainTheme, true);
  expect(String(print(logLine('\x1b[2Jé😀\x1b[31mred')))).toBe('é😀\x1b[31mred\n');
});

test('JSON is what came', async () => {
  const { print } = await setUp({ json: true });
  const line = { ...logLine('�'), base64: '/w==' };
  expect(JSON.parse(String(print(line)))).toEqual(line);
  expect(JSON.parse(String(print({ missed: 3 })))).toEqual({ missed: 3 });
});

test('only what is looked for, in the text and not in the name', async () => {
  const { print } = await setUp({ grep: /web/u });
  expect(print(logLine('no'))).toBeUndefined();
  expect(String(print(logLine('a web')))).toBe('web.1    | a web\n');
});

test('what was missed is a line of ours; beside bare output it is told on stderr; the end of the past is no line', async () => {
  const { print } = await setUp({ grep: /x/u });
  expect(print({ past: 'over' })).toBeUndefined();
  const text = 'dropped 3 lines (reader too slow)\n';
  expect(String(print({ missed: 3 }))).toBe(`system   | ${text}`);
  const bare = await setUp({ prefix: false });
  expect(bare.print({ missed: 3 })).toBeUndefined();
  expect(bare.errors).toEqual([`procsup: ${text}`]);
});

const RED = '\x1b[2J\x1b[31mred\x1b[0m';

test.each([
  [{}, false, 'web.1    | red\n'],
  [{}, true, 'web.1    | \x1b[31mred\x1b[0m\n'],
  [{ prefix: false }, false, '\x1b[2Jred\n'],
  [{ prefix: false }, true, `${RED}\n`],
  [{ prefix: false, forTerminal: true }, false, 'red\n'],
  [{ prefix: false, forTerminal: true }, true, '\x1b[31mred\x1b[0m\n'],
])('colours with %j are there only if ours are (%s)', async (options, isColoured, expected) => {
  const { print } = await setUp(options, plainTheme, isColoured);
  expect(String(print(logLine(RED)))).toBe(expected);
});

test('colours in JSON are there only if ours are, and never in what is looked for', async () => {
  for (const isColoured of [true, false]) {
    const { print } = await setUp({ json: true, grep: /2Jred$/u }, plainTheme, isColoured);
    expect(JSON.parse(String(print(logLine(RED))))).toMatchObject({
      text: isColoured ? RED : '\x1b[2Jred',
    });
  }
});

describe('a long line comes in pieces', () => {
  const piece = (text: string, unfinished?: 'long' | 'late', name?: string) => ({
    ...logLine(text, name),
    ...(unfinished && { unfinished }),
  });

  test.each([
    [{}, 'web.1    | one two three\n'],
    [{ prefix: false }, 'one two three\n'],
  ])('that are put together, %j', async (options, expected) => {
    const { print } = await setUp(options);
    expect(print(piece('one ', 'long'))).toBeUndefined();
    expect(String(print(piece('other', undefined, 'web.2')))).toContain('other\n');
    expect(print(piece('two ', 'long'))).toBeUndefined();
    expect(String(print(piece('three')))).toBe(expected);
    expect(String(print(piece('next')))).toContain('next\n');
  });

  test('that are put together in JSON, with their bytes where they are no text', async () => {
    const { print } = await setUp({ json: true });
    print({ ...piece('a�', 'long'), base64: Buffer.from([0x61, 0xff]).toString('base64') });
    const line = JSON.parse(String(print(piece('b')))) as object;
    expect(line).toEqual({ ...logLine('a�b'), base64: Buffer.from([0x61, 0xff, 0x62]).toString('base64') });
  });

  test('and is cut above 1 MiB, with a mark, where it has a prefix', async () => {
    const text = 'x'.repeat(64 * 1024);
    for (const prefix of [true, false]) {
      const { print } = await setUp({ prefix });
      const printed = Array.from({ length: 20 }, () => print(piece(text, 'long'))).filter(Boolean);
      const last = String(print(piece('y')));
      expect(printed.map((part) => part?.length)).toEqual(prefix ? [17 * 64 * 1024 + 12] : []);
      if (prefix) expect(String(printed[0])).toMatch(/^web\.1 {4}> x+\n$/);
      expect(last).toMatch(prefix ? /^web\.1 {4}\| x+y\n$/ : /^x+y\n$/);
      expect(last.length).toBe((prefix ? 3 * text.length + 11 : 20 * text.length) + 2);
    }
  });

  test('what is late is shown, marked where it has a prefix', async () => {
    const { print } = await setUp();
    expect(String(print(piece('..', 'late')))).toBe('web.1    > ..\n');
    expect(String(print(piece('. ok')))).toBe('web.1    | . ok\n');
  });

  test('what is late is continued in its line, unless another has come in between', async () => {
    const { print } = await setUp({ prefix: false });
    const printed = [
      piece('..', 'late'),
      piece('...', 'late'),
      piece(' ok'),
      piece('?', 'late'),
      piece('other', undefined, 'web.2'),
      piece('answer'),
      piece('?', 'late'),
      piece('other', undefined, 'web.2'),
      piece(''),
      piece('last'),
    ].map((line) => String(print(line)));
    expect(printed.join('')).toBe('..... ok\n?\nother\nanswer\n?\nother\nlast\n');
  });
});
