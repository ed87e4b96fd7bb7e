import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as onDisk from '../../src/logs/on-disk.ts';
import { createLogBook, type LogBookOptions } from '../../src/logs/book.ts';
import type { LogEntry } from '../../src/logs/query.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const ALL = { names: null };

function setUp(options: Partial<LogBookOptions> = {}) {
  const clock = createVirtualClock();
  const book = createLogBook({ onDisk, clock, instances: 2, directory: null, ...options });
  const write = (name: string, text: string): void => book.writer(name).write(Buffer.from(text));
  let wakes = 0;
  const follow = (query: Partial<Parameters<typeof book.follow>[0]> = {}) => {
    const follower = book.follow({ ...ALL, ...query }, () => (wakes += 1));
    const take = (most = 1_000) => {
      const { entries, missed } = follower.take(most);
      const lineOf = ({ name, text, unfinished }: LogEntry): string =>
        `${name} ${text.toString()}${unfinished === undefined ? '' : ` (${unfinished})`}`;
      return { lines: entries.map(lineOf), missed };
    };
    return { take, close: () => follower.close() };
  };
  return { clock, book, write, follow, wakes: () => wakes };
}

test('gives whole lines from now on, and the unfinished one of a run that has ended', () => {
  const { book, write, follow } = setUp();
  write('web.1', 'before\n');
  const { take } = follow();
  write('web.1', 'one\ntw');
  write('db.1', 'three\n');
  expect(take().lines).toEqual(['web.1 one', 'db.1 three']);
  write('web.1', 'o\nlast');
  expect(take().lines).toEqual(['web.1 two']);
  book.writer('web.1').endRun();
  expect(take()).toEqual({ lines: ['web.1 last'], missed: 0 });
});

test('a process is all of its instances, those that come later too', () => {
  const { write, follow } = setUp();
  const some = follow({ names: ['web', 'ingest'] });
  write('web.1', 'one\n');
  write('webber.1', 'no\n');
  write('web.2', 'two\n');
  write('ingest/parse', 'three\n');
  expect(some.take().lines).toEqual(['web.1 one', 'web.2 two', 'ingest/parse three']);
});

test('gives what is wanted only, also of processes that come later', () => {
  const { write, follow } = setUp();
  const some = follow({ names: ['web.2'] });
  write('web.1', 'one\n');
  write('web.2', 'one\nthree\ntwo\n');
  expect(some.take().lines).toEqual(['web.2 one', 'web.2 three', 'web.2 two']);
});

describe('what is late', () => {
  test('is given half a second after it began, to those who want it', () => {
    const { clock, write, follow, wakes } = setUp();
    const { take } = follow({ late: true });
    const other = follow();
    const seen: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      write('web.1', '.');
      clock.advance(100);
      seen.push(...take().lines);
    }
    expect(seen).toEqual(Array.from({ length: 3 }, () => 'web.1 ...... (late)'));
    write('web.1', ' ok\nnext\n');
    clock.advance(1);
    expect(take().lines).toEqual(['web.1 .. ok', 'web.1 next']);
    expect(other.take().lines).toEqual([`web.1 ${'.'.repeat(20)} ok`, 'web.1 next']);
    const before = wakes();
    clock.advance(5_000);
    expect(wakes()).toBe(before);
  });

  test('wakes the reader', () => {
    const { clock, write, follow, wakes } = setUp();
    const { take } = follow({ late: true });
    write('web.1', 'password: ');
    clock.advance(1);
    expect(take().lines).toEqual([]);
    const before = wakes();
    clock.advance(501);
    expect(wakes()).toBe(before + 1);
    expect(take().lines).toEqual(['web.1 password:  (late)']);
    clock.advance(5_000);
    expect(wakes()).toBe(before + 1);
  });

  test('is not cut within a character or a control sequence', () => {
    const { clock, book, follow } = setUp();
    const { take } = follow({ late: true });
    const write = (bytes: Uint8Array): void => book.writer('web.1').write(bytes);
    const euro = Buffer.from('€');
    const late = (): readonly string[] => {
      const before = take().lines;
      clock.advance(600);
      return [...before, ...take().lines];
    };
    write(Buffer.concat([Buffer.from('a'), euro.subarray(0, 2)]));
    expect(late()).toEqual(['web.1 a (late)']);
    write(euro.subarray(2));
    expect(late()).toEqual(['web.1 € (late)']);
    write(Buffer.from('b\x1b['));
    expect(late()).toEqual(['web.1 b (late)']);
    expect(late()).toEqual([]);
    write(Buffer.from('31mc'));
    expect(late()).toEqual(['web.1 \x1b[31mc (late)']);
  });
});

test('the pieces of a long line say so', () => {
  const { write, follow } = setUp();
  const { take } = follow();
  write('web.1', `${'x'.repeat(100_000)}\n`);
  const [first = '', second = ''] = take().lines;
  expect(first).toMatch(/^web\.1 x+ \(long\)$/);
  expect(second).toMatch(/^web\.1 x+$/);
});

describe('wake', () => {
  test('is called once until something is taken, in a turn of its own', () => {
    const { clock, write, follow, wakes } = setUp();
    const { take } = follow();
    write('web.1', 'one\n');
    write('web.1', 'two\n');
    expect(wakes()).toBe(0);
    clock.advance(1);
    write('web.1', 'three\n');
    clock.advance(1_000);
    expect(wakes()).toBe(1);
    take();
    clock.advance(1_000);
    expect(wakes()).toBe(1);
    write('web.1', 'four\n');
    clock.advance(1);
    expect(wakes()).toBe(2);
  });

  test('is called again for what was left', () => {
    const { clock, write, follow, wakes } = setUp();
    const { take } = follow();
    write('web.1', 'one\ntwo\nthree\n');
    clock.advance(1);
    expect(take(2).lines).toEqual(['web.1 one', 'web.1 two']);
    clock.advance(1);
    expect(wakes()).toBe(2);
    expect(take(2).lines).toEqual(['web.1 three']);
  });

  test('is not for those who do not want it, or are gone', () => {
    const { clock, write, follow, wakes } = setUp();
    follow({ names: ['db.1'] });
    const gone = follow();
    write('web.1', 'one\n');
    gone.close();
    write('web.1', 'two\n');
    clock.advance(1_000);
    expect(wakes()).toBe(0);
    expect(clock.timerCount).toBe(0);
  });
});

describe('one that is too slow', () => {
  const SMALL = { leastRingBytes: 512, mostRingBytes: 512 };

  test('is told how many lines it missed', () => {
    const { write, follow } = setUp(SMALL);
    const { take } = follow({ names: ['web.1'] });
    write('web.1', 'taken\nhalf a ');
    expect(take()).toEqual({ lines: ['web.1 taken'], missed: 0 });
    write('web.1', 'line\n');
    for (let at = 0; at < 1_000; at += 1) {
      write('web.1', `${String(at).padStart(9)}\n`);
      write('db.1', 'not mine\n');
    }
    const { lines, missed } = take();
    expect(lines.every((line) => /^web\.1 [ \d]{9}$/.test(line))).toBe(true);
    expect(lines.at(-1)).toBe(`web.1 ${'999'.padStart(9)}`);
    expect(lines.length + missed).toBe(1_001);
    expect(take()).toEqual({ lines: [], missed: 0 });
  });

  test('each line that ended is given or counted, and none is given in part', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 300 }).map((write) => ({ write })) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }).map((take) => ({ take })) },
      { weight: 1, arbitrary: fc.constant({ end: true }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 2, max: 90 }), (steps, width) => {
        const { book, write, follow } = setUp(SMALL);
        const { take } = follow();
        let pending = '';
        const ended: string[] = [];
        let unfinished = '';
        let given: string[] = [];
        let missed = 0;
        const takeSome = (most: number): boolean => {
          const got = take(most);
          given = [...given, ...got.lines];
          missed += got.missed;
          return got.lines.length > 0;
        };
        for (const each of steps) {
          if ('write' in each) {
            while (pending.length < each.write) {
              pending += `${String(ended.length)}:${'x'.repeat((pending.length * 7 + ended.length) % width)}\n`;
            }
            const text = pending.slice(0, each.write);
            pending = pending.slice(each.write);
            write('web.1', text);
            const lines = (unfinished + text).split('\n');
            unfinished = lines.pop() ?? '';
            ended.push(...lines);
          } else if ('take' in each) takeSome(each.take);
          else {
            book.writer('web.1').endRun();
            if (unfinished !== '') ended.push(unfinished);
            unfinished = '';
          }
        }
        while (takeSome(5));
        expect(given.length + missed).toBe(ended.length);
        let from = 0;
        for (const line of given) {
          const at = ended.indexOf(line.slice('web.1 '.length), from);
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + 1;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('costs no memory', () => {
    const { book, follow } = setUp();
    const slow = follow();
    const writer = book.writer('web.1');
    const flood = Buffer.alloc(64 * 1024, 'x\n');
    writer.write(flood);
    slow.take(1);
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 1_000; at += 1) writer.write(flood);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
    let lines = 1;
    let missed = 0;
    for (let got = slow.take(10_000); got.lines.length + got.missed > 0; got = slow.take(10_000)) {
      lines += got.lines.length;
      missed += got.missed;
    }
    expect(lines + missed).toBe(1_001 * 32 * 1024);
  });
});

test('what an instance said that is forgotten can still be taken, and so can what its successor says', () => {
  const { book, write, follow } = setUp();
  const { take } = follow();
  const old = book.writer('web.1');
  write('web.1', 'old\n');
  book.forget('web.1');
  old.write(Buffer.from('late\n'));
  expect(take().lines).toEqual(['web.1 old', 'web.1 late']);
  write('web.1', 'new\n');
  expect(take().lines).toEqual(['web.1 new']);
});
