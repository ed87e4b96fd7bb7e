import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../../src/core/fleet/slots.ts';

const PLACES = fc.oneof(fc.nat(70), fc.nat(2000));
const CHANGES = fc.array(fc.tuple(PLACES, fc.option(fc.integer(), { nil: undefined })), { maxLength: 60 });

test('is what an array would be, and every earlier copy stays what it was', () => {
  fc.assert(
    fc.property(CHANGES, (changes) => {
      let slots = new Slots<number>();
      const expected = new Map<number, number | undefined>();
      const copies: [Slots<number>, [number, number | undefined][]][] = [];
      for (const [place, value] of changes) {
        slots = slots.with(place, value);
        expected.set(place, value);
        copies.push([slots, [...expected]]);
      }
      for (const [copy, entries] of copies) {
        expect(entries.map(([place]) => [place, copy.get(place)])).toEqual(entries);
      }
    }),
  );
});

test('is made of the values of an array, holes and all', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined }), { maxLength: 200 }), (values) => {
      const slots = Slots.of(values);
      expect(values.map((_, place) => slots.get(place))).toEqual(values);
      expect(slots.get(values.length)).toBeUndefined();
      expect(slots.with(0, 7).get(0)).toBe(7);
      expect(slots.get(0)).toBe(values[0]);
    }),
  );
});

test('changes for one maker happen in place, and leave alone what was there before', () => {
  const first = new Slots<string>().with(3, 'three').with(100, 'hundred');
  const maker = {};
  const second = first.with(3, 'drei', maker);
  expect(second.with(4, 'vier', maker).with(100, 'hundert', maker)).toBe(second);
  expect([3, 4, 100].map((place) => second.get(place))).toEqual(['drei', 'vier', 'hundert']);
  expect([3, 4, 100].map((place) => first.get(place))).toEqual(['three', undefined, 'hundred']);
});
