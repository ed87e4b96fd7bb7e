/** What the hub relies on in a `PipeReader`, tried on the fake of the tests and on the real one. */
import { closeSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readInto } from '../../src/os/pipes/reader.ts';
import type { PipeReader, PipeReaderEvents } from '../../src/ports/output.ts';
import { createFakePipes } from '../helpers/fake-pipe-reader.ts';
import { makePipe } from '../helpers/make-pipe.ts';

const BUFFER_BYTES = 64 * 1024;

/** Opened pipes of one kind, all read to `buffer`. */
interface World {
  readonly buffer: Buffer;
  readonly open: (events: PipeReaderEvents) => {
    readonly reader: PipeReader;
    readonly write: (text: string) => void;
    readonly endWriting: () => void;
  };
  readonly turn: () => Promise<void>;
}

function fakeWorld(): World {
  const pipes = createFakePipes();
  const buffer = Buffer.alloc(BUFFER_BYTES);
  const openReader = pipes.readInto(buffer);
  let nextFd = 0;
  return {
    buffer,
    open(events) {
      const fd = nextFd++;
      const pipe = pipes.pipe(fd);
      return {
        reader: openReader(fd, events),
        write: (text) => pipe.write(text),
        endWriting: () => pipe.end(),
      };
    },
    turn() {
      pipes.turn();
      return Promise.resolve();
    },
  };
}

function realWorld(): World {
  const buffer = Buffer.alloc(BUFFER_BYTES);
  const openReader = readInto(buffer);
  return {
    buffer,
    open(events) {
      const { readFd, writeFd } = makePipe();
      return {
        reader: openReader(readFd, events),
        write: (text) => void writeSync(writeFd, text),
        endWriting: () => closeSync(writeFd),
      };
    },
    turn: () => nextTurn(),
  };
}

describe.each([
  ['fake', fakeWorld],
  ['real', realWorld],
])('the %s pipe reader', (_kind, createWorld) => {
  const setUp = () => {
    const world = createWorld();
    const open = () => {
      const seen: string[] = [];
      const pipe = world.open({
        data: (byteCount) => seen.push(world.buffer.toString('utf8', 0, byteCount)),
        end: () => seen.push('END'),
      });
      return { seen, ...pipe };
    };
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await world.turn();
    };
    /** The loop has polled all pipes: what was written last to another pipe has been read. */
    const polled = async (): Promise<void> => {
      const canary = open();
      canary.write('x');
      await until(() => canary.seen.length > 0);
      canary.endWriting();
      await until(() => canary.seen.includes('END'));
    };
    return { ...world, open, until, polled };
  };

  test('hands on what is written, and the end once', async () => {
    const { open, until, polled } = setUp();
    const { seen, write, endWriting, reader } = open();
    write('one');
    await until(() => seen.length === 1);
    write('two');
    await until(() => seen.length === 2);
    endWriting();
    await until(() => seen.length === 3);
    await polled();
    expect(seen).toEqual(['one', 'two', 'END']);
    reader.close();
  });

  test('is silent while paused, and goes on where it was', async () => {
    const { open, until, polled } = setUp();
    const { seen, write, endWriting, reader } = open();
    reader.pause();
    reader.pause();
    write('one');
    await polled();
    expect(seen).toEqual([]);
    reader.resume();
    reader.resume();
    await until(() => seen.length === 1);
    reader.pause();
    endWriting();
    await polled();
    expect(seen).toEqual(['one']);
    reader.resume();
    await until(() => seen.length === 2);
    expect(seen).toEqual(['one', 'END']);
    reader.close();
  });

  test('reads at once what is there, watched or paused', () => {
    const { open, buffer } = setUp();
    const { write, endWriting, reader } = open();
    expect(reader.readNow()).toBe('empty');
    write('hello');
    expect(reader.readNow()).toBe(5);
    expect(buffer.toString('utf8', 0, 5)).toBe('hello');
    reader.pause();
    write('you');
    expect(reader.readNow()).toBe(3);
    expect(reader.readNow()).toBe('empty');
    write('last');
    endWriting();
    expect(reader.readNow()).toBe(4);
    expect(reader.readNow()).toBe('end');
    reader.close();
  });

  test('never reads more than the buffer holds', async () => {
    const { open, until } = setUp();
    const { seen, write, reader } = open();
    reader.pause();
    write('x'.repeat(BUFFER_BYTES));
    reader.resume();
    await until(() => seen.join('').length === BUFFER_BYTES);
    reader.close();
  });

  test('is silent once closed', async () => {
    const { open, polled } = setUp();
    const { seen, write, endWriting, reader } = open();
    write('one');
    endWriting();
    reader.close();
    await polled();
    expect(seen).toEqual([]);
    expect(reader.readNow()).toBe('end');
  });
});
