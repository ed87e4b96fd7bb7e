import { expect, test } from 'vitest';
import { OpenTickets } from '../../../src/core/fleet/open-tickets.ts';

const ticket = (open: number) => ({ open, results: null });

test('keeps tickets by their numbers until they are settled', () => {
  const two = new OpenTickets().with(7, ticket(1)).with(900, ticket(2));
  expect([two.size, two.ids()]).toEqual([2, [7, 900]]);
  expect([two.get(900), two.get(6), two.get(8)]).toEqual([ticket(2), undefined, undefined]);
  const one = two.with(7, undefined);
  expect([one.size, one.ids()]).toEqual([1, [900]]);
  expect([two.size, two.get(7)]).toEqual([2, ticket(1)]);
});

test('a ticket that changes is no other one', () => {
  const changed = new OpenTickets().with(7, ticket(2)).with(7, ticket(1));
  expect([changed.size, changed.get(7)]).toEqual([1, ticket(1)]);
});

test('when none is open, numbers of the past are forgotten', () => {
  const none = new OpenTickets().with(7, ticket(1)).with(7, undefined);
  expect([none.size, none.ids(), none.get(7)]).toEqual([0, [], undefined]);
  const later = none.with(1_000_000_007, ticket(1));
  expect([later.ids(), later.get(7)]).toEqual([[1_000_000_007], undefined]);
  expect(none.with(9, undefined).size).toBe(0);
});
