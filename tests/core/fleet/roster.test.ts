import { expect, test } from 'vitest';
import { Roster } from '../../../src/core/fleet/roster.ts';

const NAMES = new Map([
  ['c', 0],
  ['a', 1],
  ['b', 2],
]);
const roster = Roster.of(NAMES, [2, 3, 1]);

test('is a map in the order of its names', () => {
  expect([...roster]).toEqual([
    ['c', 2],
    ['a', 3],
    ['b', 1],
  ]);
  expect([...roster.keys()]).toEqual(['c', 'a', 'b']);
  expect([...roster.values()]).toEqual([2, 3, 1]);
  const seen: string[] = [];
  roster.forEach((value, name, map) => seen.push(`${name} ${String(value)} ${String(map === roster)}`));
  expect(seen).toEqual(['c 2 true', 'a 3 true', 'b 1 true']);
  expect(roster.get('a')).toBe(3);
  expect(roster.size).toBe(3);
});

test('a changed copy leaves the original as it was', () => {
  const changed = roster.with('a', 9).with('b', undefined);
  expect([...changed]).toEqual([
    ['c', 2],
    ['a', 9],
  ]);
  expect([changed.size, changed.has('b'), changed.has('a')]).toEqual([2, false, true]);
  expect([roster.size, roster.get('a'), roster.get('b')]).toEqual([3, 3, 1]);
});

test('knows no other names', () => {
  expect(roster.with('x', 1)).toBe(roster);
  expect([roster.get('x'), roster.has('x')]).toEqual([undefined, false]);
});
