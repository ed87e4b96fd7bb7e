import { expect, test } from 'vitest';
import { Agenda } from '../../../src/core/fleet/agenda.ts';

/** The places in the order of a pass; `more` are added when one of them is looked at. */
function passOf(agenda: Agenda, more: Readonly<Record<number, readonly number[]>> = {}): readonly number[] {
  const seen: number[] = [];
  agenda.pass((place) => {
    seen.push(place);
    for (const other of more[place] ?? []) agenda.add(other);
  });
  return seen;
}

function agendaOf(direction: 'ascending' | 'descending', places: readonly number[]): Agenda {
  const agenda = new Agenda(direction);
  for (const place of places) agenda.add(place);
  return agenda;
}

test.each([
  ['ascending', [0, 2, 5, 7, 9]],
  ['descending', [9, 7, 5, 2, 0]],
] as const)('an %s pass takes each place once and in order', (direction, expected) => {
  const agenda = agendaOf(direction, [5, 2, 9, 2, 0, 7]);
  expect(agenda.isEmpty).toBe(false);
  expect(passOf(agenda)).toEqual(expected);
  expect(agenda.isEmpty).toBe(true);
  expect(passOf(agenda)).toEqual([]);
});

test('what is added ahead of the pass belongs to it, the rest to the next one', () => {
  const agenda = agendaOf('ascending', [3, 6]);
  expect(passOf(agenda, { 3: [5, 3, 1, 8], 5: [4, 7] })).toEqual([3, 5, 6, 7, 8]);
  expect(agenda.isEmpty).toBe(false);
  expect(passOf(agenda)).toEqual([1, 3, 4]);
});

test('a descending pass has other places ahead', () => {
  const agenda = agendaOf('descending', [6, 3]);
  expect(passOf(agenda, { 6: [8, 5, 6], 5: [0, 1, 7, 2] })).toEqual([6, 5, 3, 2, 1, 0]);
  expect(passOf(agenda)).toEqual([8, 7, 6]);
});

test('the order holds for many, added in any order', () => {
  const agenda = agendaOf('ascending', [0]);
  const added = Array.from({ length: 500 }, (_, at) => ((at * 383) % 500) + 1);
  expect(passOf(agenda, { 0: added })).toEqual(Array.from({ length: 501 }, (_, at) => at));
});
