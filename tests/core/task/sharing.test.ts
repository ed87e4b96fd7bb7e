import { describe, expect, test } from 'vitest';
import { exceeds, lackOf, type Share } from '../../../src/core/task/sharing.ts';
import { seeded } from '../../simulation/random.ts';

/** `h` holds, `w` waits: `h1 a b2`, where a digit behind a key is the amount. `sinceMs` is the number of the share. */
function share(text: string): Share {
  const [head = '', ...uses] = text.split(' ');
  return {
    ...{ id: head.slice(1), sinceMs: Number(head.slice(1)), holds: head.startsWith('h') },
    uses: uses.map((use) => ({ key: use.charAt(0), amount: Number(use.slice(1) || 1) })),
  };
}
const LIMITS: Readonly<Record<string, number>> = { a: 1, b: 2 };
const limitOf = (key: string): number => LIMITS[key] ?? Infinity;

describe('what waits for caps and locks', () => {
  test.each([
    ['nobody else', 'w5 a b2', [], undefined],
    ['a held lock', 'w5 a', ['h1 a'], 'a by 1'],
    ['another lock is free', 'w5 a', ['h1 b2'], undefined],
    ['room is left in the cap', 'w5 b', ['h1 b'], undefined],
    ['not enough room', 'w5 b2', ['h1 b'], 'b by 1'],
    ['one that waits longer comes first', 'w5 b', ['h1 b', 'w2 b2'], 'b by 1'],
    ['one that came later does not', 'w5 b', ['h1 b', 'w6 b2'], undefined],
    ['at the same time the ids decide', 'w5 a', ['w5 a'], undefined],
    ['one that is about to take it', 'w5 a', ['w2 a'], 'a by 2'],
    ['what it lacks it keeps from later ones, and nothing else', 'w5 b', ['h1 a', 'w2 a b2'], undefined],
    ['no limit', 'w5 c9', ['h1 c9'], undefined],
  ])('%s', (_, own, others, lack) => {
    const found = lackOf(share(own), others.map(share), limitOf);
    expect(found && `${found.key} by ${found.by?.id ?? 'nobody'}`).toBe(lack);
  });

  test('all that hold something and come one after the other stay within the limits', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seeded(seed);
      const all = Array.from({ length: 6 }, (_, index) =>
        share(`w${String(index)} ${random.pick(['a', 'b', 'b2', 'a b', 'a b2'])}`),
      );
      let held: readonly Share[] = [];
      for (let left = [...all], rounds = 0; left.length > 0; rounds += 1) {
        expect(rounds, 'somebody comes to its turn').toBeLessThan(100);
        const next = left.find((own) => lackOf(own, [...held, ...left], limitOf) === undefined);
        if (next === undefined) held = held.slice(1);
        else {
          expect(exceeds(next, held, limitOf)).toBe(false);
          left = left.filter((one) => one !== next);
          held = [...held, { ...next, holds: true }];
        }
      }
    }
  });

  test('too much is held', () => {
    expect(exceeds(share('h5 b'), [share('h1 b2')], limitOf)).toBe(true);
    expect(exceeds(share('h5 b'), [share('w1 b2'), share('h2 b')], limitOf)).toBe(false);
  });
});
