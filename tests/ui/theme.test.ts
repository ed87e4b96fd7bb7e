import { expect, test } from 'vitest';
import { createTheme } from '../../src/ui/theme.ts';

const names = ['error', 'warning', 'dim', 'bold', 'system'] as const;
const indexes = Array.from({ length: 25 }, (_, index) => index);
const uncoloured = (text: string) => text.replaceAll(/\u001b\[[\d;]*m/g, '');

test('adds nothing but control sequences', () => {
  const theme = createTheme(true);
  for (const paint of [...names.map((name) => theme[name]), ...indexes.map(theme.process)]) {
    expect(paint('text')).toMatch(/^\u001b\[/);
    expect(uncoloured(paint('text'))).toBe('text');
  }
});

test('ten processes are told apart, then the colours repeat', () => {
  const painted = indexes.map((index) => createTheme(true).process(index)('x'));
  expect(new Set(painted).size).toBe(10);
  expect(painted[10]).toBe(painted[0]);
});

test('disabled, it changes nothing', () => {
  const theme = createTheme(false);
  for (const paint of [...names.map((name) => theme[name]), theme.process(3)]) expect(paint('x')).toBe('x');
});
