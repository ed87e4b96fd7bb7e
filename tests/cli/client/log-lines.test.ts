import { expect, test } from 'vitest';
import { createLogLines, type LogLinesOptions } from '../../../src/cli/client/log-lines.ts';
import type { Io } from '../../../src/cli/io.ts';
import { plainTheme, type Theme } from '../../../src/ui/paint.ts';
import { logLine } from '../../helpers/fake-api.ts';

const INSTANCES = ['web.1', 'web.2', 'worker.1'];

async function setUp(options: Partial<LogLinesOptions> = {}, theme: Theme = plainTheme) {
  const errors: string[] = [];
  const io = {
    stderr: (text: string) => void errors.push(text),
    theme: () => Promise.resolve(theme),
  } as unknown as Io;
  const print = await createLogLines({
    ...{ json: false, prefix: true, timestamps: 'none', grep: undefined, instances: INSTANCES },
    ...{ io, forTerminal: false },
    ...options,
  });
  return {
    errors,
    print: (line: Parameters<typeof print>[0]) => print(line) && Buffer.from(print(line) ?? ''),
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
  const { print } = await setUp({ prefix: false, forTerminal: true });
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
