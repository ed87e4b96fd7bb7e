import { expect, test } from 'vitest';
import { createTextOutlet } from '../../../src/cli/client/text-outlet.ts';
import { createFakeSink } from '../../helpers/fake-sink.ts';

function setUp() {
  const sink = createFakeSink();
  const outlet = createTextOutlet(sink);
  const told: string[] = [];
  outlet.listen({
    full: () => told.push('full'),
    taken: () => told.push('taken'),
    gone: () => told.push('gone'),
    lost: ({ message }) => told.push(message),
  });
  return { sink, outlet, told };
}

test('what is taken at once', () => {
  const { sink, outlet, told } = setUp();
  outlet.write('é\n');
  outlet.write(Uint8Array.of(0xff));
  outlet.whenTaken(() => told.push('done'));
  expect(sink.bytes).toEqual(Buffer.from([0xc3, 0xa9, 0x0a, 0xff]));
  expect(told).toEqual(['done']);
});

test('what is not taken is kept in order, and whoever writes is told once', () => {
  const { sink, outlet, told } = setUp();
  sink.block();
  for (const text of ['a', 'b', 'c']) outlet.write(text);
  outlet.whenTaken(() => told.push('done'));
  expect(told).toEqual(['full']);
  sink.takeKept();
  sink.takeKept();
  expect([sink.text, told]).toEqual(['ab', ['full']]);
  sink.unblock();
  expect([sink.text, told]).toEqual(['abc', ['full', 'taken', 'done']]);
});

test('what is written in answer to `taken` is waited for too', () => {
  const sink = createFakeSink();
  const outlet = createTextOutlet(sink);
  const told: string[] = [];
  outlet.listen({
    full: () => undefined,
    taken() {
      if (told.length > 0) return;
      told.push('more');
      outlet.write('more');
    },
    gone: () => undefined,
    lost: () => undefined,
  });
  sink.block();
  outlet.write('a');
  outlet.whenTaken(() => told.push('done'));
  sink.takeKept();
  expect(told).toEqual(['more']);
  sink.unblock();
  expect([sink.text, told]).toEqual(['amore', ['more', 'done']]);
});

test('a reader that goes', () => {
  const { sink, outlet, told } = setUp();
  sink.leave();
  outlet.write('a');
  expect(told).toEqual(['gone']);
  outlet.close();
});

test('a full disk is an error at once; a reader that is gone is none', () => {
  const full = setUp();
  full.sink.fillDisk();
  expect(full.told).toEqual(['cannot write to standard output: no space left on device']);
  for (const [errno, told] of [
    [undefined, 'gone'],
    ['EPIPE', 'gone'],
    ['EFBIG', 'cannot write to standard output: file too large'],
  ] as const) {
    const left = setUp();
    left.sink.leave(errno);
    expect(left.told).toEqual([told]);
  }
});
