import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as onDisk from '../../src/logs/on-disk.ts';
import { createLogBook, type LogBook, type LogBookOptions } from '../../src/logs/book.ts';
import { readLogFiles } from '../../src/logs/read.ts';
import { createFillableDisk } from '../helpers/fillable-disk.ts';
import { scratch } from '../helpers/scratch.ts';
import { createTurningClock } from '../helpers/turning-clock.ts';
import type { LogEntry } from '../../src/logs/query.ts';

const ALL = { names: null, sinceMs: null, lines: null };

async function linesOf(batches: AsyncGenerator<readonly LogEntry[]>): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of batches) all.push(...batch.map(({ text }) => text.toString()));
  return all;
}

function setUp(options: Partial<LogBookOptions> = {}) {
  const directory = scratch();
  const clock = createTurningClock();
  const disk = createFillableDisk();
  const events: string[] = [];
  const open = (): LogBook =>
    createLogBook({
      onDisk,
      clock,
      instances: 1,
      directory,
      disk,
      leastRingBytes: 1024,
      mostRingBytes: 1024,
      onLoss: (reason) => events.push(reason),
      onRecovered: (bytes) => events.push(`recovered, ${bytes} lost`),
      ...options,
    });
  const files = () => linesOf(readLogFiles(directory, ALL, clock));
  const path = (end: string): string => join(directory, `web.1.${end}`);
  return { clock, disk, events, open, files, path };
}

const write = (book: LogBook, text: string): void => book.writer('web.1').write(Buffer.from(text));

/** A log of ten lines of ten bytes, a record each. */
function writeTen({ open, clock }: Pick<ReturnType<typeof setUp>, 'open' | 'clock'>): readonly string[] {
  const book = open();
  const lines = Array.from({ length: 10 }, (_, at) => `line    ${at}`);
  for (const line of lines) {
    write(book, `${line}\n`);
    clock.advance(1);
  }
  book.close();
  return lines;
}

describe('a supervisor that was killed in the middle of a write', () => {
  test.each([
    {
      name: 'bytes without a record',
      damage: (log: string) => appendFileSync(log, 'more\nand'),
      more: ['more', 'and'],
    },
    { name: 'half a record', damage: (_: string, index: string) => appendFileSync(index, 'half'), more: [] },
    {
      name: 'records of zeros',
      damage: (_: string, index: string) => appendFileSync(index, Buffer.alloc(48)),
      more: [],
    },
    {
      name: 'records beyond the end',
      damage: (log: string) => truncateSync(log, 95),
      less: 1,
      more: ['line '],
    },
    { name: 'no index', damage: (_: string, index: string) => rmSync(index), more: [] },
    { name: 'an empty index', damage: (_: string, index: string) => truncateSync(index, 0), more: [] },
    {
      name: 'a whole index of noise',
      damage: (_: string, index: string) => writeFileSync(index, 'x'.repeat(160)),
      more: [],
    },
  ])('$name: read as it is, mended by the next, which goes on there', async ({ damage, less = 0, more }) => {
    const { open, clock, files, path } = setUp();
    const ten = writeTen({ open, clock });
    damage(path('log'), path('idx'));
    utimesSync(path('log'), clock.wallNow() / 1000, clock.wallNow() / 1000);
    const expected = [...ten.slice(0, 10 - less), ...more];
    expect(await files()).toEqual(expected);
    clock.advance(1000);
    const book = open();
    write(book, 'next\n');
    expect(await linesOf(book.read(ALL))).toEqual([...expected, 'next']);
    book.close();
    expect(await files()).toEqual([...expected, 'next']);
    expect(statSync(path('idx')).size % 16).toBe(0);
    expect(readFileSync(path('log'), 'utf8').endsWith('next\n')).toBe(true);
  });

  test('bytes without a record have the time of the last write; what is recorded next comes after them', async () => {
    const { open, clock, path } = setUp();
    writeTen({ open, clock });
    appendFileSync(path('log'), 'lost\n');
    const wallMs = clock.wallNow() + 50;
    utimesSync(path('log'), wallMs / 1000, wallMs / 1000);
    const book = open();
    write(book, 'next\n');
    const stamped: LogEntry[] = [];
    for await (const batch of book.read(ALL)) stamped.push(...batch);
    const [lost, next] = stamped.slice(-2);
    expect(Math.abs((lost?.wallMs ?? 0) - wallMs)).toBeLessThanOrEqual(1);
    expect(next?.stamp).toBeGreaterThan(lost?.stamp ?? Infinity);
  });

  test('in the middle of putting files aside: no log gets the index of another', async () => {
    const { open, clock, files, path } = setUp({ maxFileBytes: 50 });
    const ten = writeTen({ open, clock });
    expect(await files()).toEqual(ten);
    // The log was moved, its index not yet.
    rmSync(path('idx.1'));
    const wallSeconds = (clock.wallNow() - 6) / 1000;
    utimesSync(path('log.1'), wallSeconds, wallSeconds);
    expect(new Set(await files())).toEqual(new Set(ten));
    const book = open();
    write(book, 'next\n');
    book.close();
    expect(await files()).toContain('next');
  });
});

describe('a full disk', () => {
  test('is told once, costs only what the ring forgets, and writing goes on when there is room', async () => {
    const { open, clock, disk, events, files } = setUp();
    const book = open();
    write(book, 'before\n');
    book.flush();
    disk.fill('ENOSPC');
    write(book, 'during\n');
    clock.advance(5_000);
    expect(events).toEqual(['ENOSPC']);
    expect(book.loss).toMatchObject({ bytes: 0, lines: 0, reason: 'ENOSPC', isNow: true });
    disk.recover();
    clock.advance(1_000);
    expect(events).toEqual(['ENOSPC', 'recovered, 0 lost']);
    expect(book.loss).toMatchObject({ bytes: 0, isNow: false });
    expect(await files()).toEqual(['before', 'during']);
    expect(clock.timerCount).toBe(0);
  });

  test('that lasts: what is lost is counted, and the lines around it are not joined', async () => {
    const { open, clock, disk, events, files } = setUp();
    const book = open();
    write(book, 'before\nunfinished');
    book.flush();
    disk.fill('EDQUOT');
    for (let at = 0; at < 1000; at += 1) write(book, `${String(at).padStart(9)}\n`);
    clock.advance(1_000);
    const { bytes, lines } = book.loss ?? { bytes: 0, lines: 0 };
    expect(lines).toBeGreaterThan(800);
    expect(bytes).toBeGreaterThanOrEqual(lines * 10 - 10);
    disk.recover();
    clock.advance(1_000);
    expect(events).toEqual(['EDQUOT', `recovered, ${bytes} lost`]);
    const all = await files();
    const keptLines = all.filter((line) => /^ +\d+$/.test(line) && line.length === 9);
    expect(all.slice(0, 2)).toEqual(['before', 'unfinished']);
    expect(all.at(-1)).toBe('999'.padStart(9));
    expect(keptLines.length + lines).toBeGreaterThanOrEqual(999);
    expect(keptLines.length + lines).toBeLessThanOrEqual(1000);
    expect(await linesOf(book.read(ALL))).toEqual(all);
    book.close();
    disk.fill('EDQUOT');
  });

  test.each([{ truncates: true }, { truncates: false }])(
    'in the middle of a write leaves nothing that is read (can cut it off: $truncates)',
    async ({ truncates }) => {
      for (let bytesLeft = 0; bytesLeft < 60; bytesLeft += 1) {
        const { open, clock, disk, files } = setUp();
        const book = open();
        write(book, 'before\n');
        book.flush();
        disk.fill('ENOSPC', bytesLeft);
        if (!truncates) disk.refuseTruncation();
        write(book, 'torn\n');
        clock.advance(1);
        write(book, 'also torn\n');
        clock.advance(100);
        if (truncates)
          expect(await files()).toEqual(bytesLeft < 47 ? ['before'] : ['before', 'torn', 'also torn']);
        expect(await linesOf(book.read(ALL))).toEqual(['before', 'torn', 'also torn']);
        disk.recover();
        clock.advance(1_000);
        expect(await files()).toEqual(['before', 'torn', 'also torn']);
        book.close();
        expect(disk.openCount).toBe(0);
      }
    },
  );

  test('or no descriptors, from the very first write', async () => {
    const { open, clock, disk, events, files } = setUp();
    disk.fill('EMFILE');
    const book = open();
    write(book, 'line\n');
    clock.advance(100);
    expect(events).toEqual(['EMFILE']);
    disk.recover();
    clock.advance(1_000);
    expect(await files()).toEqual(['line']);
  });

  test('at close is counted', () => {
    const { open, disk } = setUp();
    const book = open();
    disk.fill('EIO');
    write(book, 'one\ntwo\n');
    book.close();
    expect(book.loss).toMatchObject({ bytes: 8, lines: 2, reason: 'EIO' });
  });

  test('one log that cannot be written does not keep others from it', async () => {
    const { open, clock, events, files, path } = setUp({ instances: 2 });
    const book = open();
    book.flush();
    mkdirSync(path('log'));
    write(book, 'stuck\n');
    book.writer('db.1').write(Buffer.from('fine\n'));
    clock.advance(1_200);
    expect(events).toEqual(['EISDIR']);
    expect(await files()).toEqual(['fine']);
    rmSync(path('log'), { recursive: true });
    clock.advance(1_000);
    expect(await files()).toEqual(['stuck', 'fine']);
  });
});

describe('files that somebody else changes while they are written', () => {
  const whole = { ringBytes: 1024 };

  test.each([
    { name: 'renamed', change: (path: PathOf) => renameSync(path('log'), path('log-20260101')) },
    { name: 'renamed together', change: renameBoth },
    { name: 'deleted', change: (path: PathOf) => rmSync(path('log')) },
    { name: 'deleted together', change: removeBoth },
    {
      name: 'deleted with their directory',
      change: (path: PathOf) => rmSync(dirname(path('log')), { recursive: true }),
    },
    { name: 'truncated', change: (path: PathOf) => truncateSync(path('log'), 0) },
    { name: 'replaced', change: replaceLog },
  ])('$name: a new pair begins there, with what is written from then on', async ({ change }) => {
    const { open, clock, files, path, events, disk } = setUp(whole);
    const book = open();
    write(book, 'before\nunfini');
    book.flush();
    change(path);
    write(book, 'shed\nafter\n');
    clock.advance(100);
    expect(readFileSync(path('log'), 'utf8')).toBe('shed\nafter\n');
    expect(await files()).toEqual(['shed', 'after']);
    expect(statSync(path('idx')).size % 16).toBe(0);
    expect(await linesOf(book.read(ALL))).toEqual(['before', 'unfinished', 'after']);
    book.close();
    expect(events).toEqual([]);
    expect(disk.openCount).toBe(0);
  });

  test('an index that is deleted is made again, and nothing is lost', async () => {
    const { open, clock, files, path } = setUp(whole);
    const book = open();
    write(book, 'before\n');
    book.flush();
    rmSync(path('idx'));
    clock.advance(1);
    write(book, 'after\n');
    book.close();
    expect(await files()).toEqual(['before', 'after']);
  });

  test('a line whose start was put aside by somebody is not joined with the end of another', async () => {
    const { open, clock, files, path } = setUp({ ...whole, maxFileBytes: 50 });
    const book = open();
    write(book, `${'x'.repeat(39)}\nfirst`);
    book.flush();
    write(book, ' and its end\nsecond');
    book.flush();
    rmSync(path('log'));
    write(book, ' end\n');
    clock.advance(100);
    expect(await files()).toEqual(['x'.repeat(39), 'first', ' end']);
    book.close();
  });

  test('a FIFO in place of a log file stops nobody, and is told', async () => {
    const { open, clock, events, files, path } = setUp({ instances: 2 });
    execFileSync('mkfifo', [path('log'), path('idx')]);
    const book = open();
    write(book, 'kept in memory\n');
    book.writer('db.1').write(Buffer.from('fine\n'));
    clock.advance(1_200);
    expect(events).toEqual(['NOT_REGULAR']);
    expect(await files()).toEqual(['fine']);
    removeBoth(path);
    clock.advance(1_000);
    expect(await files()).toEqual(['kept in memory', 'fine']);
    book.close();
  });
});

describe('an instance that is forgotten', () => {
  test('is read from its files, which are closed', async () => {
    const { open, disk } = setUp();
    const book = open();
    write(book, 'kept\n');
    book.flush();
    const openBefore = disk.openCount;
    book.forget('web.1');
    expect(openBefore).toBe(2);
    expect(disk.openCount).toBe(0);
    expect(await linesOf(book.read(ALL))).toEqual(['kept']);
    book.close();
  });

  test('stays in memory where there are no files', async () => {
    const { open } = setUp({ directory: null });
    const book = open();
    write(book, 'kept\n');
    book.forget('web.1');
    expect(await linesOf(book.read(ALL))).toEqual(['kept']);
  });

  test('stays in memory while the files cannot be written', async () => {
    const { open, disk, clock, files } = setUp();
    const book = open();
    disk.fill('ENOSPC');
    write(book, 'kept\n');
    book.forget('web.1');
    expect(await linesOf(book.read(ALL))).toEqual(['kept']);
    disk.recover();
    clock.advance(1_000);
    expect(await files()).toEqual(['kept']);
    book.close();
  });
});

describe('the files of instances that are gone', () => {
  const DAY_MS = 24 * 3_600_000;

  /** Files of web.1, which is part of the application, db.1, which is not, and system. */
  function writeThree(options: Partial<LogBookOptions>) {
    const all = setUp(options);
    const book = all.open();
    for (const name of ['web.1', 'db.1', 'system']) book.writer(name).write(Buffer.from(`${name}\n`));
    book.close();
    const touch = (ageMs: number): void => {
      const seconds = (all.clock.wallNow() - ageMs) / 1000;
      for (const name of ['web.1', 'db.1', 'system']) {
        utimesSync(join(dirname(all.path('log')), `${name}.log`), seconds, seconds);
      }
    };
    return { ...all, touch };
  }

  test('are removed a week after the last write, when the next supervisor starts', async () => {
    const { open, files, touch } = writeThree({ names: ['web.1'] });
    touch(6.9 * DAY_MS);
    open().close();
    expect(new Set(await files())).toEqual(new Set(['web.1', 'db.1', 'system']));
    touch(7.1 * DAY_MS);
    open().close();
    expect(new Set(await files())).toEqual(new Set(['web.1', 'system']));
  });

  test('are removed when another instance goes', async () => {
    const { open, files, touch, path } = writeThree({ names: ['web.1', 'db.1'] });
    touch(8 * DAY_MS);
    const book = open();
    book.writer('db.1').endRun();
    const seconds = 1;
    book.flush();
    utimesSync(path('log').replace('web', 'db'), seconds, seconds);
    book.forget('db.1');
    book.close();
    expect(new Set(await files())).toEqual(new Set(['web.1', 'system']));
  });
});

type PathOf = ReturnType<typeof setUp>['path'];

function renameBoth(path: PathOf): void {
  renameSync(path('log'), path('log-20260101'));
  renameSync(path('idx'), path('idx-20260101'));
}

function removeBoth(path: PathOf): void {
  rmSync(path('log'));
  rmSync(path('idx'));
}

function replaceLog(path: PathOf): void {
  renameSync(path('log'), path('log-20260101'));
  writeFileSync(path('log'), '');
}
