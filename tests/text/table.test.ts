import { expect, test } from 'vitest';
import { plainTheme } from '../../src/ui/paint.ts';
import { tableLines, tableText } from '../../src/text/table.ts';

const columns = [{ title: 'NAME' }, { title: 'PID', align: 'right' }, { title: 'COMMAND' }] as const;
const rows = [
  ['web.1', '7', 'node server.js --port 5000'],
  ['漢字', '12345', ''],
];

test('columns are as wide as they must be, two blanks apart, and nothing trails', () => {
  expect(tableText(columns, rows, { paint: plainTheme })).toBe(
    ['NAME     PID  COMMAND', 'web.1      7  node server.js --port 5000', '漢字   12345', ''].join('\n'),
  );
});

test('the last column is cut at the width of the terminal', () => {
  expect(tableLines(columns, rows, { paint: plainTheme, width: 24 })).toEqual([
    'NAME     PID  COMMAND',
    'web.1      7  node serv…',
    '漢字   12345',
  ]);
});

test('colours take no room, and are closed where they are cut', () => {
  const red = '\x1b[31mfailed\x1b[39m';
  expect(tableLines([{ title: 'A' }, { title: 'B' }], [[red, 'x']], { paint: plainTheme })).toEqual([
    'A       B',
    `${red}  x`,
  ]);
  expect(tableLines([{ title: 'A' }], [[red]], { paint: plainTheme, width: 4, mark: '~' })[1]).toBe(
    '\x1b[31mfai\x1b[0m~',
  );
});

test('heads are bold', () => {
  const paint = { bold: (text: string) => `<${text}>` };
  expect(tableLines([{ title: 'A' }], [], { paint })).toEqual(['<A>']);
});
