import { expect, test } from 'vitest';
import { startOrder } from '../../../src/core/fleet/order.ts';

/** `web<db,cache` needs db and cache. */
const order = (text: string) =>
  startOrder(
    text.split(' ').map((word) => {
      const [name = '', needs = ''] = word.split('<');
      return { name, needs: needs === '' ? [] : needs.split(',').map((process) => ({ process })) };
    }),
  );

test.each([
  ['a b c', 'a b c'],
  ['a<b b', 'b a'],
  ['a<c b c<b', 'b c a'],
  ['web<db,cache worker<db db cache', 'db cache web worker'],
  ['a<nobody b', 'a b'],
])('%s: %s', (given, expected) => {
  expect(order(given)).toEqual({ names: expected.split(' ') });
});

test.each([
  ['a<a', 'a a'],
  ['a<b b<a', 'a b a'],
  ['x<a a<b b<c c<a', 'a b c a'],
])('%s goes round in a circle: %s', (given, cycle) => {
  expect(order(given)).toEqual({ cycle: cycle.split(' ') });
});

test('a chain may be long', () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `t${String(at)}`);
  const chain = names.map((name, at) => ({ name, needs: [{ process: names[at + 1] ?? 'nobody' }] }));
  expect(startOrder(chain)).toEqual({ names: names.toReversed() });
  const circle = names.map((name, at) => ({ name, needs: [{ process: names[at + 1] ?? 't0' }] }));
  expect(startOrder(circle)).toEqual({ cycle: [...names, 't0'] });
});
