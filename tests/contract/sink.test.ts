/** What the hub relies on in a `Sink`, tried on the fake of the tests and on a real pipe. */
import { closeSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openSink } from '../../src/os/terminal/stdout.ts';
import type { Sink } from '../../src/ports/output.ts';
import { createFakeSink } from '../helpers/fake-sink.ts';
import { makePipe } from '../helpers/make-pipe.ts';

interface World {
  readonly sink: Sink;
  /** The reader stops, resumes, leaves. */
  readonly stopReading: () => void;
  readonly readAll: () => void;
  readonly leave: () => void;
  /** What the reader has got. */
  readonly text: () => string;
}

function fakeWorld(): World {
  const sink = createFakeSink();
  return {
    sink,
    stopReading: () => sink.block(),
    readAll: () => sink.unblock(),
    leave: () => sink.leave(),
    text: () => sink.text,
  };
}

function pipeWorld(): World {
  const { readFd, writeFd } = makePipe();
  const sink = openSink(writeFd, { readerCheckMs: 1 });
  const buffer = Buffer.alloc(1024 * 1024);
  let text = '';
  const readAll = (): void => {
    try {
      for (;;) text += buffer.toString('utf8', 0, readSync(readFd, buffer));
    } catch {
      // Empty.
    }
  };
  return {
    sink,
    stopReading: () => undefined,
    readAll,
    leave: () => closeSync(readFd),
    text: () => {
      readAll();
      return text;
    },
  };
}

describe.each([
  ['fake', fakeWorld],
  ['pipe', pipeWorld],
])('the %s sink', (_kind, createWorld) => {
  const setUp = () => {
    const world = createWorld();
    const events: string[] = [];
    world.sink.listen({
      drain: () => events.push('drain'),
      gone: () => events.push('gone'),
      stuck: () => events.push('stuck'),
    });
    const fill = (block: Buffer): number => {
      for (let count = 1; ; count += 1) if (!world.sink.write(block)) return count;
    };
    return { ...world, events, fill };
  };

  test('takes bytes in order, and lets the caller use the buffer again', () => {
    const { sink, text } = setUp();
    const buffer = Buffer.from('one');
    expect(sink.write(buffer)).toBe(true);
    buffer.write('two');
    expect(sink.write(buffer)).toBe(true);
    expect(text()).toBe('onetwo');
    expect(sink.close()).toBe(0);
  });

  test('keeps a copy of what is not taken, and says once when all is', async () => {
    const { sink, stopReading, readAll, text, events, fill } = setUp();
    stopReading();
    const block = Buffer.alloc(50_000, 'x');
    const count = fill(block);
    block.fill('y');
    expect(events).toEqual([]);
    while (events.length === 0) {
      readAll();
      await nextTurn();
    }
    expect(events).toEqual(['drain']);
    expect(text()).toBe('x'.repeat(50_000 * count));
    expect(sink.write(Buffer.from('on'))).toBe(true);
    expect(text().endsWith('xon')).toBe(true);
    expect(sink.close()).toBe(0);
  });

  test('blocks and drains again and again', async () => {
    const { sink, stopReading, readAll, text, events, fill } = setUp();
    let written = 0;
    for (let round = 1; round <= 5; round += 1) {
      stopReading();
      written += fill(Buffer.alloc(200_000, 'x'));
      while (events.length < round) {
        readAll();
        await nextTurn();
      }
    }
    expect(text().length).toBe(written * 200_000);
    sink.close();
  });

  test('drops what it keeps when it is closed, and says how much', () => {
    const { sink, stopReading, text, fill } = setUp();
    stopReading();
    const count = fill(Buffer.alloc(50_000, 'x'));
    const droppedBytes = sink.close();
    expect(droppedBytes).toBeGreaterThan(0);
    expect(text().length + droppedBytes).toBe(50_000 * count);
  });

  test('says once that its reader has left, and takes everything from then on', async () => {
    const { sink, leave, events } = setUp();
    leave();
    sink.write(Buffer.from('x'));
    while (events.length === 0) await nextTurn();
    for (let at = 0; at < 10; at += 1) expect(sink.write(Buffer.alloc(100_000))).toBe(true);
    await nextTurn();
    expect(events).toEqual(['gone']);
    sink.close();
  });

  test('says so while it is blocked, too', async () => {
    const { stopReading, sink, leave, events, fill } = setUp();
    stopReading();
    fill(Buffer.alloc(50_000));
    leave();
    while (events.length === 0) await nextTurn();
    expect(events).toEqual(['gone']);
    sink.close();
  });
});
