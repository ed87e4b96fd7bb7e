import { expect, test } from 'vitest';
import { createHub } from '../../src/output/hub.ts';
import { createPlainPrefixer } from '../../src/output/prefixer.ts';
import { safeBytes } from '../../src/text/terminal-safe.ts';
import { createFakePipes } from '../helpers/fake-pipe-reader.ts';
import { createFakeSink } from '../helpers/fake-sink.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

/** A hub for a terminal with one process, whose output is tapped. */
function setUp() {
  const clock = createVirtualClock();
  const pipes = createFakePipes();
  const sink = createFakeSink({ isTerminal: true });
  const hub = createHub({ sink, readInto: (buffer) => pipes.readInto(buffer), clock });
  const tapped: string[] = [];
  const tap = {
    write: (bytes: Uint8Array) => void tapped.push(Buffer.from(bytes).toString('latin1')),
    endRun: () => void tapped.push('<end>'),
  };
  const source = hub.attach(0, { name: 'web.1', index: 0 }, tap);
  hub.open({ prefixer: createPlainPrefixer(), prefixOf: ({ name }) => `${name} | `, clean: safeBytes });
  const say = (text: string): void => {
    pipes.pipe(0).write(Buffer.from(text, 'latin1'));
    pipes.turn();
    clock.advance(1);
  };
  return { clock, pipe: pipes.pipe(0), pipes, sink, hub, source, say, tapped };
}

test('gets what was read as it was read, before anything is done to it', () => {
  const { say, tapped, sink } = setUp();
  const texts = ['one\ntw', 'o\n\u001b[2J\0\xff\r\n', 'prompt'];
  texts.forEach(say);
  expect(tapped).toEqual(texts);
  expect(sink.text).toContain('web.1 | two\n');
  expect(sink.text).not.toContain('\u001b');
});

test('is told of the end once, after the last words, whether the pipe ends before or after the program', () => {
  for (const pipeFirst of [true, false]) {
    const { pipe, pipes, source, say, tapped, clock } = setUp();
    say('one\n');
    pipe.write('last words');
    pipe.end();
    if (pipeFirst) {
      pipes.turn();
      clock.advance(1);
      pipes.turn();
    }
    source.finish(() => void tapped.push('<finished>'));
    pipes.turn();
    expect(tapped).toEqual(['one\n', 'last words', '<end>', '<finished>']);
  }
});

test('is told again when what the program left behind has said more', () => {
  const { pipe, pipes, source, say, tapped } = setUp();
  source.finish(() => undefined);
  say('from its grandchild');
  pipe.end();
  pipes.turn();
  expect(tapped).toEqual(['<end>', 'from its grandchild', '<end>']);
});

test('gets all when nothing is printed any more', () => {
  const { hub, say, tapped, sink, source } = setUp();
  hub.discard();
  say('one\n');
  say('two');
  source.finish(() => undefined);
  expect(tapped).toEqual(['one\n', 'two', '<end>']);
  expect(sink.text).toBe('');
});
