import { expect, test } from 'vitest';
import type { Theme } from '../../src/ui/paint.ts';
import { createTheme } from '../../src/ui/theme.ts';

const NAMES = ['error', 'warning', 'dim', 'bold', 'system'] as const;
const INDEXES = Array.from({ length: 25 }, (_, index) => index);
const uncoloured = (text: string) => text.replaceAll(/\u001b\[[\d;]*m/g, '');

const paintsOf = (theme: Theme) => [
  ...NAMES.map((name) => (text: string) => theme[name](text)),
  ...INDEXES.map((index) => theme.process(index)),
];

test('adds nothing but control sequences', () => {
  for (const paint of paintsOf(createTheme(true))) {
    expect(paint('text')).toMatch(/^\u001b\[/);
    expect(uncoloured(paint('text'))).toBe('text');
  }
});

test('ten processes are told apart, then the colours repeat', () => {
  const painted = INDEXES.map((index) => createTheme(true).process(index)('x'));
  expect(new Set(painted).size).toBe(10);
  expect(painted[10]).toBe(painted[0]);
});

test('disabled, it changes nothing', () => {
  for (const paint of paintsOf(createTheme(false))) expect(paint('x')).toBe('x');
});
