/** What readers cost others: bytes read and scanned in one turn of the event loop, and what is held for one. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import * as onDisk from '../../src/logs/on-disk.ts';
import { createLogBook } from '../../src/logs/book.ts';
import { nodeDisk, type LogDisk } from '../../src/logs/disk.ts';
import type { LogEntry, LogQuery } from '../../src/logs/query.ts';
import { TURN_BYTES } from '../../src/logs/turns.ts';
import { scratch } from '../helpers/scratch.ts';
import { createTurningClock } from '../helpers/turning-clock.ts';

const ALL: LogQuery = { names: null, sinceMs: null, lines: null };
const LINE = `${'x'.repeat(39)}\n`;
const KIB = 1024;

/** So many bytes of lines of two processes in files, and a disk that counts what is read of them. */
function setUp(bytes: number) {
  let readBytes = 0;
  const disk: LogDisk = {
    ...nodeDisk,
    read(fd, into, position) {
      const got = nodeDisk.read(fd, into, position);
      readBytes += got;
      return got;
    },
  };
  const clock = createTurningClock();
  const book = createLogBook({
    onDisk,
    ...{ clock, instances: 2, directory: scratch(), disk },
    ...{ leastRingBytes: 16 * KIB, mostRingBytes: 16 * KIB, maxFileBytes: bytes / 3, maxFiles: 10 },
  });
  const chunk = LINE.repeat(100);
  for (let written = 0; written < bytes; written += 2 * chunk.length) {
    for (const name of ['a.1', 'b.1']) book.writer(name).write(Buffer.from(chunk));
    clock.advance(1);
  }
  book.flush();
  readBytes = 0;
  return { clock, book, readBytes: () => readBytes };
}

async function textsOf(batches: AsyncIterable<readonly LogEntry[]>): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of batches) all.push(...batch.map(({ name, text }) => `${name} ${text.toString()}`));
  return all;
}

describe('readers who read nothing', () => {
  test('cost together no more in any turn than one of them may', async () => {
    const { book, readBytes } = setUp(2048 * KIB);
    const readings = Array.from({ length: 40 }, () => book.read(ALL));
    let got = 0;
    // Each is asked for its first lines, as a stream does whose reader takes nothing of them.
    const firsts = Promise.all(readings.map((each) => each.next().then(() => (got += 1))));
    let most = 0;
    let turns = 0;
    for (let before = 0; got < readings.length; before = readBytes()) {
      await nextTurn();
      most = Math.max(most, readBytes() - before);
      turns += 1;
    }
    await firsts;
    // With the indexes that were looked through, and the piece that uses the turn up.
    expect(most).toBeLessThanOrEqual(2 * TURN_BYTES + 64 * KIB);
    expect(turns).toBeGreaterThan(5);
    expect(readBytes()).toBeLessThanOrEqual(readings.length * 96 * KIB);
    for (const each of readings) await each.return(undefined);
    book.close();
  });

  test('hold a hundred lines', async () => {
    const { book } = setUp(512 * KIB);
    for await (const batch of book.read(ALL)) expect(batch.length).toBeLessThanOrEqual(100);
    for await (const batch of book.read({ ...ALL, lines: 5000 }))
      expect(batch.length).toBeLessThanOrEqual(100);
    book.close();
  });
});

test('a hundred readers get all the same, in the end', async () => {
  const { book } = setUp(256 * KIB);
  const expected = await textsOf(book.read(ALL));
  const all = await Promise.all(Array.from({ length: 20 }, () => textsOf(book.read(ALL))));
  for (const one of all) expect(one).toEqual(expected);
  book.close();
});

describe('the last many lines', () => {
  test('are read while they are given, and not kept until all are known', async () => {
    const { book, readBytes } = setUp(2048 * KIB);
    const reading = book.read({ ...ALL, lines: 1_000_000 });
    await reading.next();
    const before = readBytes();
    await textsOf(reading);
    expect(readBytes() - before).toBeGreaterThan(1500 * KIB);
    book.close();
  });

  test.each([1, 300, 2000, 20_000, 60_000])('%i of them are those that they are', async (count) => {
    const { book } = setUp(2048 * KIB);
    const all = await textsOf(book.read(ALL));
    expect(await textsOf(book.read({ ...ALL, lines: count }))).toEqual(all.slice(-count));
    book.close();
  });

  test('count a long line once, and give all of it', async () => {
    const book = createLogBook({ onDisk, clock: createTurningClock(), instances: 2, directory: null });
    const write = (name: string, text: string): void => book.writer(name).write(Buffer.from(text));
    write('a.1', `first\n${'x'.repeat(200_000)}`);
    write('b.1', 'between\n');
    write('a.1', `${'y'.repeat(100_000)}\n`);
    write('b.1', 'last\n');
    const lengths = async (lines: number) => {
      const sums: Record<string, number> = {};
      for await (const batch of book.read({ ...ALL, lines })) {
        for (const { name, text } of batch) sums[name] = (sums[name] ?? 0) + text.length;
      }
      return sums;
    };
    expect(await lengths(1)).toEqual({ 'b.1': 4 });
    expect(await lengths(3)).toEqual({ 'a.1': 300_000, 'b.1': 11 });
    expect(await lengths(4)).toEqual({ 'a.1': 300_005, 'b.1': 11 });
  });

  test('a few are found without reading the rest, however many processes there are', async () => {
    const { book, readBytes } = setUp(2048 * KIB);
    await textsOf(book.read({ ...ALL, lines: 500 }));
    expect(readBytes()).toBeLessThan(400 * KIB);
    book.close();
  });
});
