import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogRing, type LogRing } from '../../src/logs/ring.ts';
import { createLogStamps, wallMsOf } from '../../src/logs/stamp.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

function setUp(limitBytes: number) {
  const clock = createVirtualClock();
  const stamps = createLogStamps(clock);
  return { clock, stamps, ring: createLogRing('web.1', stamps, limitBytes) };
}

const textOf = (ring: LogRing): string =>
  Buffer.concat(ring.copy(ring.firstRecord, ring.endRecord).map(({ bytes }) => bytes)).toString('latin1');

test('keeps the newest of what came, at least three quarters of its limit, and what it takes is bounded', () => {
  const limit = 1024;
  const step = fc.oneof(
    fc.record({ bytes: fc.uint8Array({ maxLength: 700 }), ms: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ bytes: fc.uint8Array({ maxLength: 3 }), ms: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const { clock, ring } = setUp(limit);
      let all = '';
      for (const { bytes, ms } of steps) {
        clock.advance(ms);
        ring.append(bytes);
        all += Buffer.from(bytes).toString('latin1');
        const text = textOf(ring);
        expect(all.endsWith(text)).toBe(true);
        const fewRecords = ring.endRecord - ring.firstRecord < 32;
        if (fewRecords) expect(text.length).toBeGreaterThanOrEqual(Math.min(all.length, (limit * 3) / 4));
        expect(ring.heldBytes).toBeLessThanOrEqual(limit + 32 * 20);
      }
    }),
  );
});

test('starts small and takes no more than it was given, whatever comes', () => {
  const { clock, ring } = setUp(1024 * 1024);
  expect(ring.heldBytes).toBeLessThan(20_000);
  for (let at = 0; at < 100; at += 1) ring.append(Buffer.alloc(65_536));
  expect(textOf(ring)).toHaveLength(1024 * 1024);
  for (let at = 0; at < 100_000; at += 1) {
    clock.advance(1);
    ring.append(Buffer.from('x'));
  }
  expect(ring.heldBytes).toBeLessThan(1.32 * 1024 * 1024);
});

test('outgrows one buffer only, the small one, and keeps what was in it', () => {
  const { ring } = setUp(256 * 1024);
  const sizes = new Set<number>();
  let all = '';
  for (let at = 0; at < 60; at += 1) {
    const chunk = String.fromCharCode(65 + at).repeat(4000);
    all += chunk;
    ring.append(Buffer.from(chunk));
    sizes.add(ring.heldBytes);
  }
  expect(textOf(ring)).toBe(all);
  expect(sizes.size).toBe(2);
});

describe('stamps', () => {
  test('are unique over all rings, rise, and tell the time', () => {
    const { clock, stamps, ring } = setUp(4096);
    const other = createLogRing('web.2', stamps, 4096);
    const startMs = clock.wallNow();
    for (let at = 0; at < 20; at += 1) {
      ring.append(Buffer.from('a'));
      other.append(Buffer.from('b'));
      clock.advance(0.25);
    }
    const mine = ring.copy(ring.firstRecord, ring.endRecord).map(({ stamp }) => stamp);
    const others = other.copy(other.firstRecord, other.endRecord).map(({ stamp }) => stamp);
    const merged = mine.flatMap((stamp, at) => [stamp, others[at] ?? NaN]);
    expect(merged).toHaveLength(40);
    expect(merged.every((stamp, at) => at === 0 || stamp > (merged[at - 1] ?? Infinity))).toBe(true);
    expect(merged.map((stamp) => wallMsOf(stamp) - startMs)).toEqual(
      Array.from({ length: 40 }, (_, at) => Math.floor(at / 8)),
    );
  });

  test('are shared by what one process writes in one millisecond, but not across the end of a run', () => {
    const { clock, ring } = setUp(4096);
    ring.append(Buffer.from('a'));
    ring.append(Buffer.from('b'));
    ring.endRun();
    ring.endRun();
    ring.append(Buffer.from('c'));
    clock.advance(1);
    ring.append(Buffer.from('d'));
    const segments = ring.copy(ring.firstRecord, ring.endRecord);
    expect(segments.map(({ bytes, flags }) => `${bytes.toString()} ${flags}`)).toEqual([
      'ab 0',
      ' 1',
      'c 0',
      'd 0',
    ]);
  });

  test('go on rising when the clock is set back, and tell the time that it is then', () => {
    let wallMs = 0;
    const stamps = createLogStamps({ ...createVirtualClock(), wallNow: () => wallMs });
    const year = 365 * 86_400_000;
    const step = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -100 * year, max: 100 * year }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        wallMs = Math.max(wallMs % (100 * year), 40 * year);
        for (const ms of steps) {
          wallMs = Math.min(Math.max(wallMs + ms, 0), 139 * year);
          const before = stamps.last;
          const stamp = stamps.next(-1);
          expect(stamp).toBeGreaterThan(before);
          const aheadMs = wallMsOf(stamp, stamps.lag) - wallMs;
          expect(aheadMs).toBeGreaterThanOrEqual(0);
          // So much, and no more, a clock that is put back is waited for.
          expect(aheadMs).toBeLessThanOrEqual(1_000);
        }
      }),
    );
  });

  test('go with the clock again when it has caught up', () => {
    let wallMs = 5_000_000;
    const stamps = createLogStamps({ ...createVirtualClock(), wallNow: () => wallMs });
    stamps.next(-1);
    wallMs = 1_000;
    stamps.next(-1);
    expect(stamps.lag).toBe(5);
    wallMs = 5_000_000 + 2 ** 20;
    expect(wallMsOf(stamps.next(-1))).toBe(wallMs);
    expect(stamps.lag).toBe(0);
  });
});

test('finds records by their stamps', () => {
  const { clock, ring } = setUp(1024);
  for (let at = 0; at < 100; at += 1) {
    ring.append(Buffer.alloc(40));
    clock.advance(3);
  }
  for (let record = ring.firstRecord; record < ring.endRecord; record += 1) {
    expect(ring.find(ring.stampOf(record) - 1)).toBe(record);
    expect(ring.find(ring.stampOf(record))).toBe(record + 1);
  }
  expect(ring.find(ring.goneStamp)).toBe(ring.firstRecord);
});

test('what a cursor pulls and what it missed are together all there was', () => {
  const text = fc.array(fc.constantFrom('a', 'b\n', '\n', 'long and longer\n'), { maxLength: 40 });
  const step = fc.oneof(
    text.map((parts) => ({ write: parts.join('') })),
    fc.constant({ end: true }),
    fc.nat(400).map((pull) => ({ pull })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { ring } = setUp(256);
      ring.append(Buffer.from('before'));
      const cursor = ring.follow();
      let written = '';
      let pulled = 0;
      let pulledLines = 0;
      let position = 0;
      const pull = (most: number): boolean => {
        position = cursor.missedBytes + pulled;
        const segments = ring.pull(cursor, most);
        const got = segments.map(({ bytes }) => bytes.toString()).join('');
        expect(written.slice(position, position + got.length)).toBe(got);
        pulled += got.length;
        pulledLines += got.split('\n').length - 1;
        return segments.length > 0;
      };
      for (const each of steps) {
        if ('write' in each) {
          ring.append(Buffer.from(each.write));
          written += each.write;
        } else if ('pull' in each) pull(each.pull + 1);
      }
      while (pull(100));
      expect(pulled + cursor.missedBytes).toBe(written.length);
      expect(pulledLines + cursor.missedLines).toBe(written.split('\n').length - 1);
    }),
  );
});

test('a smaller limit forgets the oldest', () => {
  const { ring, clock } = setUp(64 * 1024);
  for (let at = 0; at < 1000; at += 1) {
    ring.append(Buffer.from(`${String(at).padStart(63)}\n`));
    clock.advance(1);
  }
  ring.limit(4096);
  expect(ring.heldBytes).toBeLessThan(4096 + 64 * 20 + 1);
  expect(textOf(ring).split('\n').at(-2)?.trim()).toBe('999');
  ring.append(Buffer.from('more\n'));
  expect(textOf(ring).endsWith('999\nmore\n')).toBe(true);
});
