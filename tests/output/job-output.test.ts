import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { createOutputStore, type KeptOutput } from '../../src/output/kept-output.ts';
import { createOutlet } from '../../src/output/outlet.ts';
import { createPlainPrefixer } from '../../src/output/prefixer.ts';
import { createJobPrinter } from '../../src/output/print-jobs.ts';
import type { Extent, Spill } from '../../src/ports/pool.ts';
import { createFakeSink } from '../helpers/fake-sink.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

/** A disk of so many bytes, in memory. */
function fakeSpill(roomBytes = Infinity) {
  let usedBytes = 0;
  const kept = new Map<Extent, Uint8Array>();
  const spill: Spill = {
    write(bytes) {
      if (usedBytes + bytes.length > roomBytes) throw new Error('ENOSPC');
      usedBytes += bytes.length;
      const extent: Extent = { at: 0, byteCount: bytes.length, release: () => void kept.delete(extent) };
      kept.set(extent, Uint8Array.from(bytes));
      return extent;
    },
    read(extent, from, into) {
      const part = (kept.get(extent) ?? new Uint8Array(0)).subarray(from, from + into.length);
      into.set(part);
      return part.length;
    },
    close: () => kept.clear(),
  };
  return { spill, kept };
}

function setUp({ limitBytes = 1_000_000, roomBytes = Infinity } = {}) {
  const { spill, kept } = fakeSpill(roomBytes);
  const errors: unknown[] = [];
  const failed = (error: unknown): void => void errors.push(error);
  const store = createOutputStore({ spill, limitBytes, failed });
  const clock = createVirtualClock();
  const [stdout, stderr] = [createFakeSink(), createFakeSink()];
  const events = { blocked: ignore, full: ignore, gone: ignore, stuck: ignore };
  const freed = (): void => printer.goOn();
  const outlets = {
    stdout: createOutlet(stdout, { ...events, freed }),
    stderr: createOutlet(stderr, { ...events, freed }),
  };
  const prefixer = createPlainPrefixer();
  const printer = createJobPrinter({ store, spill, prefixer, clock, outlets, printed: ignore, failed });
  return { store, printer, stdout, stderr, errors, kept, clock };
}

const ignore = (): void => undefined;

function say(output: KeptOutput, stdout: string, stderr = ''): KeptOutput {
  output.add('stdout', Buffer.from(stdout));
  output.add('stderr', Buffer.from(stderr));
  return output;
}

test('what jobs write at the same time is printed one job after the other, byte for byte', () => {
  const { store, printer, stdout, stderr } = setUp();
  const [one, two] = [store.open(), store.open()];
  for (let line = 0; line < 3; line += 1) {
    say(one, `one ${String(line)}\n`, `problem ${String(line)}\n`);
    say(two, `two ${String(line)}\n`);
  }
  say(one, 'without newline');
  printer.print(one, null);
  printer.print(two, null);
  expect(stdout.text).toBe('one 0\none 1\none 2\nwithout newlinetwo 0\ntwo 1\ntwo 2\n');
  expect(stderr.text).toBe('problem 0\nproblem 1\nproblem 2\n');
});

test('a label is before each line, also before one that was written in pieces or has no newline', () => {
  const { store, printer, stdout } = setUp();
  const output = store.open();
  for (const piece of ['a', 'b\n', '\n', 'c\nd', 'e']) say(output, piece);
  printer.print(output, '1\t');
  const next = say(store.open(), 'x\n');
  printer.print(next, '2\t');
  expect(stdout.text).toBe('1\tab\n1\t\n1\tc\n1\tde\n2\tx\n');
});

test('a line that is longer than all buffers has one label', () => {
  const { store, printer, stdout, clock } = setUp();
  const long = 'x'.repeat(3_000_000);
  printer.print(say(store.open(), `${long}\ny\n`), '1\t');
  clock.advance(0);
  expect(stdout.text === `1\t${long}\n1\ty\n`).toBe(true);
});

test('what is over the limit goes to files, comes back unchanged and in order, and is released', () => {
  const { store, printer, stdout, kept, errors } = setUp({ limitBytes: 100_000 });
  const text = Array.from({ length: 60_000 }, (_, line) => `line ${String(line)}\n`).join('');
  const [one, two] = [store.open(), say(store.open(), 'small\n')];
  for (let at = 0; at < text.length; at += 5000) say(one, text.slice(at, at + 5000));
  expect(kept.size).toBeGreaterThan(5);
  printer.print(one, null);
  printer.print(two, null);
  expect(stdout.text === `${text}small\n`).toBe(true);
  expect([kept.size, errors.length]).toEqual([0, 0]);
});

test('a full disk is told, not passed over', () => {
  const { store, errors } = setUp({ limitBytes: 100_000, roomBytes: 50_000 });
  say(store.open(), 'x'.repeat(300_000));
  expect(errors.length).toBeGreaterThan(0);
});

test('output of an attempt that is thrown away leaves nothing, in memory or in files', () => {
  const { store, printer, stdout, kept } = setUp({ limitBytes: 100_000 });
  for (let count = 0; count < 20; count += 1) say(store.open(), 'x'.repeat(90_000)).discard();
  expect(kept.size).toBe(0);
  printer.print(say(store.open(), 'kept\n'), null);
  expect(stdout.text).toBe('kept\n');
});

test('nothing more is printed while the reader is slow, and everything afterwards', () => {
  const { store, printer, stdout, clock } = setUp();
  stdout.block();
  for (let job = 0; job < 5; job += 1) printer.print(say(store.open(), `${String(job)}\n`), null);
  expect(printer.waiting).toBeGreaterThan(3);
  stdout.unblock();
  clock.advance(0);
  expect([stdout.text, printer.waiting]).toEqual(['0\n1\n2\n3\n4\n', 0]);
});

/** Where V8 keeps what has lived for some time, and the shapes of objects. */
const oldBytes = (): number =>
  getHeapSpaceStatistics()
    .filter(({ space_name }) => ['old_space', 'map_space'].includes(space_name))
    .reduce((sum, space) => sum + space.space_used_size, 0);

test('a job leaves nothing in memory that only a full collection frees', () => {
  const { store } = setUp();
  const once = (): void => {
    const kept = store.open();
    kept.add('stdout', Buffer.from('x'));
    kept.discard();
  };
  for (let count = 0; count < 1000; count++) once();
  const before = oldBytes();
  for (let count = 0; count < 20_000; count++) once();
  // With a getter in each it is 14 MB; without, a few that depend on the release of V8.
  expect(oldBytes() - before).toBeLessThan(10_000_000);
});
