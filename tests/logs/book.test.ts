import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as onDisk from '../../src/logs/on-disk.ts';
import { createLogBook, type LogBook, type LogBookOptions } from '../../src/logs/book.ts';
import type { LogEntry, LogQuery } from '../../src/logs/query.ts';
import { readLogFiles } from '../../src/logs/read.ts';
import { createFillableDisk } from '../helpers/fillable-disk.ts';
import { scratch } from '../helpers/scratch.ts';
import { createTurningClock } from '../helpers/turning-clock.ts';

const ALL: LogQuery = { names: null, sinceMs: null, lines: null };

async function collect(batches: AsyncGenerator<readonly LogEntry[]>): Promise<LogEntry[]> {
  const all: LogEntry[] = [];
  for await (const batch of batches) {
    expect(batch.length).toBeGreaterThan(0);
    all.push(...batch);
  }
  return all;
}

const shown = (entries: readonly LogEntry[]): string[] =>
  entries.map(({ name, text }) => `${name} ${text.toString()}`);

function setUp(options: Partial<LogBookOptions> = {}) {
  const clock = createTurningClock();
  const events: string[] = [];
  const disk = createFillableDisk();
  const open = (): LogBook =>
    createLogBook({
      onDisk,
      clock,
      instances: 2,
      directory: null,
      disk,
      onLoss: (reason) => events.push(reason),
      onRecovered: (bytes) => events.push(`recovered, ${bytes} lost`),
      ...options,
    });
  const book = open();
  const write = (name: string, text: string | Uint8Array): void =>
    book.writer(name).write(Buffer.from(text as string));
  const read = async (query: Partial<LogQuery> = {}): Promise<string[]> =>
    shown(await collect(book.read({ ...ALL, ...query })));
  return { clock, disk, events, book, open, write, read };
}

/** Rings of a kilobyte, so that files are needed. */
const SMALL = { leastRingBytes: 1024, mostRingBytes: 1024 };

describe('read', () => {
  test('gives lines of all processes in the order in which they began, with their times', async () => {
    const { clock, book, write } = setUp();
    const startMs = clock.wallNow();
    write('web.1', 'one\ntw');
    clock.advance(5);
    write('db.1', 'three\n');
    clock.advance(5);
    write('web.1', 'o\nfour\nunfini');
    write('system', 'ours\n');
    const entries = await collect(book.read(ALL));
    expect(entries.map(({ wallMs, name, text }) => `${wallMs - startMs} ${name} ${text.toString()}`)).toEqual(
      ['0 web.1 one', '0 web.1 two', '5 db.1 three', '10 web.1 four', '10 web.1 unfini', '10 system ours'],
    );
  });

  test('chooses by name, time, text, and the last of what is left', async () => {
    const { clock, write, read } = setUp();
    for (let at = 0; at < 10; at += 1) {
      write('web.1', `web ${at}\n`);
      write('db.1', `db ${at}\n`);
      clock.advance(10);
    }
    const sinceMs = clock.wallNow() - 20;
    expect(await read({ names: ['db.1', 'db.1', 'nobody.1', '../../etc/passwd'], lines: 1 })).toEqual([
      'db.1 db 9',
    ]);
    expect(await read({ sinceMs })).toEqual(['web.1 web 8', 'db.1 db 8', 'web.1 web 9', 'db.1 db 9']);
    expect(await read({ sinceMs: sinceMs - 9.5, lines: 100 })).toHaveLength(4);
    expect(await read({ sinceMs, lines: 3, names: ['web.1'] })).toEqual(['web.1 web 8', 'web.1 web 9']);
    expect(await read({ lines: 3 })).toEqual(['db.1 db 8', 'web.1 web 9', 'db.1 db 9']);
    expect(await read({ lines: 0 })).toEqual([]);
  });

  test('a line that began before `since` is not wanted, though it ended after it', async () => {
    const { clock, write, read } = setUp();
    write('web.1', 'a long');
    clock.advance(10);
    write('web.1', ' line\nnext\n');
    expect(await read({ sinceMs: clock.wallNow() })).toEqual(['web.1 next']);
  });

  test('covers what came before it was begun, and a follower of the same turn what comes after', async () => {
    const { book, write } = setUp();
    write('web.1', 'before\nhalf ');
    const reading = collect(book.read(ALL));
    const follower = book.follow(ALL, () => undefined);
    write('web.1', 'line\nafter\n');
    write('new.1', 'new\n');
    expect(shown(await reading)).toEqual(['web.1 before', 'web.1 half ']);
    expect(shown(follower.take(10).entries)).toEqual(['web.1 line', 'web.1 after', 'new.1 new']);
  });

  test('what is said before and after the end of a run are two lines', async () => {
    const { book, write, read } = setUp({ directory: scratch() });
    write('web.1', 'last words');
    book.writer('web.1').endRun();
    write('web.1', 'first\n');
    expect(await read()).toEqual(['web.1 last words', 'web.1 first']);
  });
});

/** What was written, told back by the simplest of all means. */
const story = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        who: fc.constantFrom('a.1', 'b.1', 'system'),
        text: fc.string({ maxLength: 40 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ who: fc.constantFrom('a.1', 'b.1'), repeat: fc.integer({ min: 1, max: 300 }) }),
    },
    { weight: 2, arbitrary: fc.record({ ms: fc.integer({ min: 0, max: 150 }) }) },
    { weight: 1, arbitrary: fc.record({ ends: fc.constantFrom('a.1', 'b.1') }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constantFrom('reopen' as const, 'forget' as const, 'flush' as const) }),
    },
  ),
  { maxLength: 40 },
);

test('nothing is missing and nothing there twice, over rings, files, rotations and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.integer({ min: 1, max: 12 }), async (steps, count) => {
      const directory = scratch();
      const { clock, disk, open, book } = setUp({ ...SMALL, directory, maxFileBytes: 3000, maxFiles: 1000 });
      let current = book;
      const expected = new Map<string, string[]>();
      const unfinished = new Map<string, string>();
      const tell = (who: string, text: string): void => {
        const lines = ((unfinished.get(who) ?? '') + text).split('\n');
        unfinished.set(who, lines.pop() ?? '');
        expected.set(who, [...(expected.get(who) ?? []), ...lines]);
      };
      const end = (who: string): void => {
        if ((unfinished.get(who) ?? '') !== '') tell(who, '\n');
      };
      for (const step of steps) {
        if ('text' in step) {
          const text = step.text.replaceAll(/[aeiou ]/g, '\n');
          current.writer(step.who).write(Buffer.from(text));
          tell(step.who, text);
        } else if ('repeat' in step) {
          const text = `${clock.now()} x\n`.repeat(step.repeat);
          current.writer(step.who).write(Buffer.from(text));
          tell(step.who, text);
        } else if ('ms' in step) clock.advance(step.ms);
        else if ('ends' in step) {
          current.writer(step.ends).endRun();
          end(step.ends);
        } else if (step.does === 'flush') current.flush();
        else if (step.does === 'forget') {
          current.forget('a.1');
          end('a.1');
        } else {
          current.close();
          current = open();
          for (const who of unfinished.keys()) end(who);
        }
      }
      for (const who of unfinished.keys()) end(who);
      const check = async (read: (query: LogQuery) => AsyncGenerator<readonly LogEntry[]>) => {
        const entries = await collect(read(ALL));
        expect(entries.every(({ stamp }, at) => at === 0 || stamp >= (entries[at - 1]?.stamp ?? 0))).toBe(
          true,
        );
        for (const who of ['a.1', 'b.1', 'system']) {
          const mine = entries.filter(({ name }) => name === who).map(({ text }) => text.toString());
          expect(mine).toEqual(expected.get(who) ?? []);
        }
        expect(shown(await collect(read({ ...ALL, lines: count })))).toEqual(shown(entries.slice(-count)));
        const middle = entries[Math.floor(entries.length / 2)];
        if (middle === undefined) return;
        const since = entries.filter(({ wallMs }) => wallMs >= middle.wallMs);
        expect(shown(await collect(read({ ...ALL, sinceMs: middle.wallMs })))).toEqual(shown(since));
      };
      await check((query) => current.read(query));
      current.close();
      expect(disk.openCount).toBe(0);
      await check((query) => readLogFiles(directory, query, clock));
      rmSync(directory, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

describe('files', () => {
  test('hold the bytes of the programs, unaltered, for us alone, and an index beside them', async () => {
    const directory = join(scratch(), 'state', 'logs');
    const { book, write } = setUp({ directory });
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7 + (at >> 8)) & 255);
    write('web.1', bytes);
    book.close();
    expect(readFileSync(join(directory, 'web.1.log')).equals(bytes)).toBe(true);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of ['web.1.log', 'web.1.idx'])
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    const entries = await collect(readLogFiles(directory, ALL, createTurningClock()));
    const newline = Buffer.from('\n');
    const told = Buffer.concat(entries.flatMap(({ text }) => [text, newline]));
    expect(told.subarray(0, bytes.length).equals(bytes)).toBe(true);
  });

  test('are written 100 ms after the first of what waits, or when much does', () => {
    const directory = scratch();
    const { clock, write } = setUp({ directory });
    write('web.1', 'line\n');
    clock.advance(99);
    expect(readdirSync(directory)).toEqual(['runs']);
    clock.advance(1);
    expect(readFileSync(join(directory, 'web.1.log'), 'utf8')).toBe('line\n');
    expect(clock.timerCount).toBe(0);
    write('web.1', Buffer.alloc(64 * 1024));
    expect(statSync(join(directory, 'web.1.log')).size).toBe(5 + 64 * 1024);
  });

  test('are put aside when they are full, and the oldest go', async () => {
    const directory = scratch();
    const { clock, book, write, read } = setUp({ ...SMALL, directory, maxFileBytes: 1000, maxFiles: 3 });
    for (let at = 0; at < 200; at += 1) {
      write('web.1', `${String(at).padStart(49)}\n`);
      clock.advance(100);
    }
    expect(
      readdirSync(directory)
        .filter((file) => file !== 'runs')
        .sort(),
    ).toEqual(['idx', 'idx.1', 'idx.2', 'log', 'log.1', 'log.2'].map((end) => `web.1.${end}`));
    for (const end of ['', '.1', '.2']) expect(statSync(join(directory, `web.1.log${end}`)).size).toBe(1000);
    expect((await read()).map((line) => Number(line.slice(6)))).toEqual(
      Array.from({ length: 60 }, (_, at) => at + 140),
    );
    book.close();
    const { open } = setUp({ directory, maxFiles: 2 });
    open().close();
    expect(readdirSync(directory).filter((name) => name.endsWith('.2'))).toEqual([]);
  });

  test('a read goes on when they are put aside meanwhile; what is gone is passed over', async () => {
    const directory = scratch();
    const { book, write } = setUp({ ...SMALL, directory, maxFileBytes: 400_000, maxFiles: 3 });
    const flood = (from: number, count: number): void => {
      for (let at = from; at < from + count; at += 1) write('web.1', `${String(at).padStart(99)}\n`);
    };
    flood(0, 10_000);
    const reading = book.read(ALL);
    const numbers: number[] = [];
    const take = (batch: readonly LogEntry[]): void =>
      void numbers.push(...batch.map(({ text }) => Number(text.toString())));
    take((await reading.next()).value as readonly LogEntry[]);
    flood(10_000, 6_000);
    for await (const batch of reading) take(batch);
    expect(numbers.at(-1)).toBe(9_999);
    expect(numbers.every((each, at) => at === 0 || each > (numbers[at - 1] ?? Infinity))).toBe(true);
    expect(numbers.length).toBeGreaterThan(3_000);
  });

  test('no more than 128 descriptors are kept, and none after close', () => {
    const { book, disk, write, clock } = setUp({ directory: scratch(), instances: 200 });
    for (let at = 1; at <= 200; at += 1) write(`web.${at}`, 'line\n');
    clock.advance(100);
    expect(disk.openCount).toBeGreaterThan(0);
    expect(disk.openCount).toBeLessThanOrEqual(128);
    book.close();
    expect(disk.openCount).toBe(0);
  });

  test.each(['web', 'web.1.1', '../x.1', 'a/b.1', '', 'System', `${'x'.repeat(64)}.1`])(
    '%j does not become a name of one',
    (name) => {
      expect(() => setUp({ directory: scratch() }).book.writer(name)).toThrow('no name');
    },
  );

  test('a process called system and our own lines do not share one', async () => {
    const directory = scratch();
    const { clock, write, read } = setUp({ ...SMALL, directory, maxFileBytes: 10, maxFiles: 2 });
    for (const text of ['one\n', 'two\n', 'three\n']) {
      write('system', `our ${text}`);
      write('system.1', `its ${text}`);
      clock.advance(100);
    }
    expect(await read()).toContain('system.1 its three');
    expect((await read({ names: ['system'] })).every((line) => line.startsWith('system our'))).toBe(true);
  });
});
