/** The ports of -p auto. */
import { describe, expect, test } from 'vitest';
import {
  chooseBase,
  portsOf,
  shapeFor,
  type BaseChoice,
  type PortShape,
} from '../../../src/core/plan/auto-port.ts';

const SHAPE: PortShape = { lines: 10, room: 10, step: 100 };
const choose = (some: Partial<BaseChoice>): number =>
  chooseBase({
    ...{
      root: '/home/me/shop',
      shape: SHAPE,
      claimed: new Set(),
      isTaken: () => false,
      ephemeral: undefined,
    },
    ...some,
  }) ?? NaN;

describe('the base', () => {
  test('is that of the directory: the same each time, another one for another directory', () => {
    expect(choose({})).toBe(choose({}));
    const roots = Array.from({ length: 50 }, (_, at) => `/home/me/shop-${String(at)}`);
    expect(new Set(roots.map((root) => choose({ root }))).size).toBeGreaterThan(40);
  });

  test('leaves out what is claimed by others, and what is taken', () => {
    const usual = choose({});
    expect(choose({ isTaken: (port) => port === usual + 300 })).not.toBe(usual);
    expect(choose({ claimed: new Set([usual + 907]) })).not.toBe(usual);
    expect(choose({ claimed: new Set([usual + 10, usual + 1000]) })).toBe(usual);
  });

  test('a hundred directories find room, and none has a port of another', () => {
    const claimed = new Set<number>();
    for (let at = 0; at < 100; at += 1) {
      const ports = portsOf(choose({ root: `/r/${String(at)}`, claimed }), SHAPE);
      expect(ports.filter((port) => claimed.has(port) || port > 29_999)).toEqual([]);
      for (const port of ports) claimed.add(port);
    }
    expect(claimed.size).toBe(100 * 100);
  });

  test('no port is one that browsers block, or one of clients while there are others', () => {
    const all = Array.from({ length: 300 }, (_, at) => choose({ root: `/r/${String(at)}` }));
    expect(all.flatMap((base) => portsOf(base, SHAPE)).filter((port) => port <= 10_080)).toEqual([]);
    const ephemeral = { low: 12_000, high: 65_000 };
    expect(Math.max(...all.map((_, at) => choose({ root: `/r/${String(at)}`, ephemeral })))).toBeLessThan(
      12_000,
    );
    expect(choose({ ephemeral: { low: 1024, high: 65_535 } })).toBe(choose({}));
  });

  test('none is left', () => {
    expect(choose({ isTaken: (port) => port % 100 < 100 && port % 10 === 3 })).toBeNaN();
  });
});

test.each<[number, number, PortShape | undefined]>([
  [1, 1, { lines: 10, room: 10, step: 100 }],
  [12, 11, { lines: 12, room: 20, step: 100 }],
  [199, 500, { lines: 199, room: 100, step: 100 }],
  [200, 1, { lines: 200, room: 10, step: 50 }],
  [700, 1, { lines: 700, room: 10, step: 20 }],
  [19_900, 1, { lines: 19_900, room: 1, step: 1 }],
  [19_901, 1, undefined],
])('%i lines with up to %i instances', (lines, instances, shape) => {
  expect(shapeFor(lines, instances)).toEqual(shape);
  if (shape !== undefined) expect(choose({ shape })).not.toBeNaN();
});
