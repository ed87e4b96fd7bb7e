import { expect, test } from 'vitest';
import { createRecent } from '../../../src/core/terminal/recent.ts';
import { createScanner } from '../../../src/core/terminal/scanner.ts';

test('of much output the last lines are kept, and whole', () => {
  const recent = createRecent();
  const scanner = createScanner();
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}\r\n`);
  for (let at = 0; at < lines.length; at += 7)
    for (const token of scanner.scan(lines.slice(at, at + 7).join(''))) recent.take(token);
  const kept = recent.text(Infinity).trimEnd().split('\r\n');
  expect(kept.length).toBeGreaterThan(1000);
  expect(kept.length).toBeLessThan(15_000);
  expect(kept.map((line) => `${line}\r\n`)).toEqual(lines.slice(-kept.length));
});

test('a long line without an end is kept from somewhere', () => {
  const recent = createRecent();
  for (let i = 0; i < 300; i += 1) recent.take({ type: 'text', source: 'x'.repeat(1000) });
  const { length } = recent.text(10);
  expect(length).toBeGreaterThan(50_000);
  expect(length).toBeLessThan(140_000);
});
