/** A clock that is wrong for a while spoils the times of that while, and no others. */
import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as onDisk from '../../src/logs/on-disk.ts';
import { createLogBook, type LogBook } from '../../src/logs/book.ts';
import type { LogEntry, LogQuery } from '../../src/logs/query.ts';
import { readLogFiles } from '../../src/logs/read.ts';
import { scratch } from '../helpers/scratch.ts';
import { createTurningClock } from '../helpers/turning-clock.ts';

const HOUR_MS = 3_600_000;
const RIGHT_MS = Date.UTC(2026, 0, 2);
const WRONG_MS = Date.UTC(2090, 0, 2);

function setUp() {
  const directory = scratch();
  const turning = createTurningClock(0);
  let wallMs = RIGHT_MS;
  const clock = { ...turning, wallNow: () => wallMs };
  const open = (): LogBook =>
    createLogBook({ onDisk, clock, instances: 1, directory, leastRingBytes: 1024, mostRingBytes: 1024 });
  const collect = async (batches: AsyncGenerator<readonly LogEntry[]>): Promise<string[]> => {
    const all: string[] = [];
    for await (const batch of batches) {
      for (const one of batch) all.push(`${one.wallMs - RIGHT_MS} ${one.text.toString()}`);
    }
    return all;
  };
  return {
    open,
    setClock: (ms: number) => void (wallMs = ms),
    path: (end: string) => join(directory, `web.1.${end}`),
    read: (book: LogBook, query: Partial<LogQuery> = {}) =>
      collect(book.read({ names: null, sinceMs: null, lines: null, ...query })),
    files: (query: Partial<LogQuery> = {}) =>
      collect(readLogFiles(directory, { names: null, sinceMs: null, lines: null, ...query }, clock)),
  };
}

const write = (book: LogBook, text: string): void => book.writer('web.1').write(Buffer.from(text));

/** Lines of 100 bytes, more than the memory holds. */
function writeMany(book: LogBook, word: string): void {
  for (let at = 0; at < 30; at += 1) write(book, `${word} ${String(at).padStart(99 - word.length - 1)}\n`);
}

test.each(['no index', 'an index'])('a log that is of the future, with %s', async (kind) => {
  const { open, setClock, path, files, read } = setUp();
  setClock(WRONG_MS);
  const ahead = open();
  write(ahead, 'ahead\n');
  ahead.close();
  setClock(RIGHT_MS);
  if (kind === 'no index') {
    rmSync(path('idx'));
    utimesSync(path('log'), WRONG_MS / 1000, WRONG_MS / 1000);
  }
  const future = `${WRONG_MS - RIGHT_MS} ahead`;
  for (let run = 1; run <= 3; run += 1) {
    setClock(RIGHT_MS + run * HOUR_MS);
    const book = open();
    write(book, `run ${run}\n`);
    const now = `${run * HOUR_MS} run ${run}`;
    expect(await read(book, { sinceMs: RIGHT_MS + run * HOUR_MS - 1000 })).toEqual([now]);
    expect((await read(book)).at(-1)).toBe(now);
    book.close();
    expect(await files({ sinceMs: RIGHT_MS + run * HOUR_MS - 1000 })).toEqual([now]);
  }
  const all = [future, `${HOUR_MS} run 1`, `${2 * HOUR_MS} run 2`, `${3 * HOUR_MS} run 3`];
  expect(await files()).toEqual(all);
  expect(await files({ lines: 2 })).toEqual(all.slice(-2));
});

describe('a clock that is put back while the supervisor runs', () => {
  test('times and --since are right from then on, in memory and in files', async () => {
    const { open, setClock, read, files } = setUp();
    const book = open();
    writeMany(book, 'before');
    setClock(RIGHT_MS - HOUR_MS);
    writeMany(book, 'after');
    setClock(RIGHT_MS - HOUR_MS + 5000);
    write(book, 'last\n');
    const sinceMs = RIGHT_MS - HOUR_MS + 3000;
    const last = `${5000 - HOUR_MS} last`;
    expect(await read(book, { sinceMs })).toEqual([last]);
    const all = await read(book);
    expect(all).toHaveLength(61);
    expect(all.slice(0, 30).every((line) => line.startsWith('0 before'))).toBe(true);
    expect(all.slice(30, 60).every((line) => line.startsWith(`${-HOUR_MS} after`))).toBe(true);
    expect(await read(book, { sinceMs, lines: 10 })).toEqual([last]);
    book.close();
    expect(await files({ sinceMs })).toEqual([last]);
    expect(await files()).toEqual(all);
  });

  test('nothing that was said before is later than a moment after', async () => {
    const { open, setClock, read } = setUp();
    const book = open();
    write(book, 'before\n');
    setClock(RIGHT_MS - HOUR_MS);
    expect(await read(book, { sinceMs: RIGHT_MS - HOUR_MS })).toEqual([]);
    book.close();
  });

  test('an old line is not wanted because the clock was once ahead', async () => {
    const { open, setClock, read } = setUp();
    const book = open();
    write(book, 'before\n');
    setClock(RIGHT_MS - 600_000);
    write(book, 'ten minutes earlier\n');
    // The clock has caught up, and stamps are its again: beyond those of the line before.
    setClock(RIGHT_MS + 1_200_000);
    write(book, 'now\n');
    const sinceMs = RIGHT_MS + 100_000;
    expect(await read(book, { sinceMs })).toEqual(['1200000 now']);
    book.close();
  });
});
