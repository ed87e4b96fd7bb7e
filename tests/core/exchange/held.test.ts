import { expect, test } from 'vitest';
import { pageOf, type HeldKind, type HeldThing } from '../../../src/core/exchange/held.ts';

const queue = (name: string): HeldThing => ({
  ...({ kind: 'queue', name, ready: 1, delayed: 0, leased: 0, dead: 0 } as const),
  ...{ readers: 0, writers: 0, maxsize: null, paused: false, store: 'memory' },
});
const lock = (name: string): HeldThing => ({
  ...({ kind: 'lock', name, slots: 1, held: 1, waiting: 0 } as const),
  ...{ abandoned: false, holders: [] },
});

const ALL = [lock('b'), queue('b'), queue('a'), lock('a'), queue('a.b'), queue('B')];
const words = (held: readonly HeldThing[]): string => held.map(({ kind, name }) => `${kind} ${name}`).join();

/** All pages, each as its words. */
function pages(most: number, kinds?: readonly HeldKind[]): readonly string[] {
  const found: string[] = [];
  for (let after: string | undefined; ;) {
    const { held, next } = pageOf(ALL, { kinds, after, most });
    found.push(words(held));
    if (next === null) return found;
    after = next;
  }
}

test.each([
  [10, undefined, ['queue B,queue a,queue a.b,queue b,lock a,lock b']],
  [6, undefined, ['queue B,queue a,queue a.b,queue b,lock a,lock b']],
  [2, undefined, ['queue B,queue a', 'queue a.b,queue b', 'lock a,lock b']],
  [5, undefined, ['queue B,queue a,queue a.b,queue b,lock a', 'lock b']],
  [1, ['lock'], ['lock a', 'lock b']],
  [9, ['memory'], ['']],
  [9, [], ['']],
] as const)('in pages of %i, of kinds %j', (most, kinds, wanted) => {
  expect(pages(most, kinds)).toEqual(wanted);
});

test('a page goes on where the last one ended, whatever was removed or made meanwhile', () => {
  const { next } = pageOf(ALL, { most: 2 });
  const later = [queue('aa'), queue('A'), lock('x')];
  expect(words(pageOf(later, { after: next ?? '', most: 9 }).held)).toBe('queue aa,lock x');
});
