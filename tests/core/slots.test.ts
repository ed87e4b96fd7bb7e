import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../src/core/slots.ts';

const PLACES = fc.oneof(fc.nat(70), fc.nat(2000), fc.nat(2 ** 31 - 1));
const CHANGES = fc.array(fc.tuple(PLACES, fc.option(fc.integer(), { nil: undefined })), { maxLength: 60 });

test('is what an array would be, and every earlier copy stays what it was', () => {
  fc.assert(
    fc.property(CHANGES, (changes) => {
      let slots = new Slots<number>();
      const expected = new Map<number, number>();
      const copies: [Slots<number>, [number, number][]][] = [];
      for (const [place, value] of changes) {
        slots = slots.with(place, value);
        if (value === undefined) expected.delete(place);
        else expected.set(place, value);
        expect(slots.get(place)).toBe(value);
        copies.push([slots, [...expected].sort(([a], [b]) => a - b)]);
      }
      for (const [copy, entries] of copies) expect([...copy.entries()]).toEqual(entries);
    }),
  );
});

test('places that have been used leave nothing behind', () => {
  let slots = new Slots<number>();
  for (let place = 0; place < 5000; place += 1) slots = slots.with(place, place).with(place, undefined);
  expect([...slots.entries()]).toEqual([]);
  expect(slots.get(4999)).toBeUndefined();
  expect(slots.isEmpty).toBe(true);
});
