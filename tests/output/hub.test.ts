import { describe, expect, test } from 'vitest';
import { createHub } from '../../src/output/hub.ts';
import { createPlainPrefixer, READ_BYTES, type CleanText } from '../../src/output/prefixer.ts';
import type { Label } from '../../src/output/prefix.ts';
import { plainBytes, safeBytes } from '../../src/text/terminal-safe.ts';
import { createFakePipes } from '../helpers/fake-pipe-reader.ts';
import { createFakeSink } from '../helpers/fake-sink.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const prefixOf = (label: Label, _wallMs: number, finished: boolean): string =>
  `${label.name} ${finished ? '|' : '>'} `;

/** A hub whose pipes have the descriptors 0, 1, 2 ... and the names web.0, web.1 ... */
function setUp({
  count = 2,
  isOpen = true,
  hasPrefix = true,
  clean = undefined as CleanText | undefined,
} = {}) {
  const clock = createVirtualClock();
  const pipes = createFakePipes();
  const sink = createFakeSink({ isTerminal: false });
  const events: string[] = [];
  const hub = createHub({
    sink,
    readInto: (buffer) => pipes.readInto(buffer),
    clock,
    onGone: () => events.push('gone'),
    onStuck: (reason) => events.push(reason),
  });
  const attach = (fd: number) => hub.attach(fd, { name: `web.${fd}`, index: fd });
  const sources = Array.from({ length: count }, (_, fd) => attach(fd));
  const source = (fd: number) => sources[fd] ?? attach(fd);
  const open = (): void =>
    hub.open({ prefixer: createPlainPrefixer(), prefixOf: hasPrefix ? prefixOf : undefined, clean });
  if (isOpen) open();
  const pipe = (fd: number) => pipes.pipe(fd);
  const turn = (): void => pipes.turn();
  return { clock, pipes, pipe, turn, sink, hub, source, open, events };
}

describe('lines', () => {
  test('are printed whole, under their name, in the order in which they are read', () => {
    const { pipe, turn, sink } = setUp();
    pipe(0).write('one\ntwo\n');
    pipe(1).write('three\n');
    turn();
    expect(sink.text).toBe('web.0 | one\nweb.0 | two\nweb.1 | three\n');
  });

  test('of two processes are not mixed, however they are cut', () => {
    const { clock, pipe, turn, sink } = setUp();
    for (const [fd, text] of [
      [0, 'he'],
      [1, 'wor'],
      [0, 'llo\nagain'],
      [1, 'ld\n'],
      [0, '\n'],
    ] as const) {
      pipe(fd).write(text);
      turn();
      clock.advance(1);
    }
    expect(sink.text).toBe('web.0 | hello\nweb.1 | world\nweb.0 | again\n');
  });

  test('are printed as they are without a prefix', () => {
    const { pipe, turn, sink, hub } = setUp({ hasPrefix: false });
    pipe(0).write('one\n\ntwo\n');
    turn();
    hub.say('ours');
    expect(sink.text).toBe('one\n\ntwo\nours\n');
  });

  test('are cleaned as is asked for, with and without a prefix', () => {
    const text = 'a\x1b[2Jb\x1b[31mc\r\n';
    for (const [clean, printed] of [
      [undefined, text],
      [safeBytes, 'ab\x1b[31mc\n'],
      [plainBytes, 'abc\n'],
    ] as const) {
      for (const hasPrefix of [true, false]) {
        const { pipe, turn, sink } = setUp({ clean, hasPrefix });
        pipe(0).write(text);
        turn();
        expect(sink.text).toBe(`${hasPrefix ? 'web.0 | ' : ''}${printed}`);
      }
    }
  });

  test('of one process get its prefix anew each second', () => {
    const { clock, pipes, sink, hub } = setUp({ count: 1, isOpen: false });
    let made = 0;
    hub.open({ prefixer: createPlainPrefixer(), prefixOf: () => `${++made} ` });
    for (let at = 0; at < 4; at += 1) {
      pipes.pipe(0).write('x\n');
      pipes.turn();
      clock.advance(500);
    }
    expect(sink.text).toBe('1 x\n1 x\n2 x\n2 x\n');
  });
});

describe('a line without its newline', () => {
  test('is printed as unfinished after 500 ms, and its rest under the same name', () => {
    const { clock, pipe, turn, sink } = setUp();
    pipe(0).write('password: ');
    turn();
    clock.advance(499);
    expect(sink.text).toBe('');
    clock.advance(1);
    expect(sink.text).toBe('web.0 > password: \n');
    pipe(0).write('secret\n');
    turn();
    expect(sink.text).toBe('web.0 > password: \nweb.0 | secret\n');
  });

  test('that never pauses is printed 500 ms after its first byte, twice a second at most', () => {
    const { clock, pipe, turn, sink } = setUp();
    for (let at = 0; at < 20; at += 1) {
      pipe(0).write('.');
      turn();
      clock.advance(100);
    }
    expect(sink.text).toBe('web.0 > .....\n'.repeat(4));
    pipe(0).write(' done\n');
    turn();
    clock.advance(1000);
    expect(sink.text).toBe(`${'web.0 > .....\n'.repeat(4)}web.0 |  done\n`);
  });

  test('is due anew when a line has ended', () => {
    const { clock, pipe, turn, sink } = setUp();
    for (const text of ['a', 'b\nc', 'd\ne', 'f\ng']) {
      pipe(0).write(text);
      turn();
      clock.advance(400);
    }
    expect(sink.text).toBe('web.0 | ab\nweb.0 | cd\nweb.0 | ef\n');
    clock.advance(100);
    expect(sink.text).toBe('web.0 | ab\nweb.0 | cd\nweb.0 | ef\nweb.0 > g\n');
  });

  test('that is drawn anew after carriage returns shows its last state', () => {
    const { clock, pipe, turn, sink } = setUp({ clean: safeBytes });
    for (let at = 1; at <= 10; at += 1) {
      pipe(0).write(`\r${String(at)}0%`);
      turn();
      clock.advance(100);
    }
    pipe(0).write('\r100% done\n');
    turn();
    expect(sink.text).toBe('web.0 > 50%\nweb.0 > 100%\nweb.0 | 100% done\n');
  });

  test('is whole though it comes slowly, if it is long', () => {
    const { clock, pipe, turn, sink } = setUp();
    const part = 'x'.repeat(40_000);
    for (let at = 0; at < 10; at += 1) {
      pipe(0).write(part);
      turn();
      clock.advance(at === 0 ? 100 : 400);
    }
    pipe(0).write('\n');
    turn();
    expect(sink.text === `web.0 | ${part.repeat(10)}\n`).toBe(true);
  });

  test('is printed where it is long and does not go on', () => {
    const { clock, pipe, turn, sink } = setUp();
    pipe(0).write('x'.repeat(100_000));
    for (let at = 0; at < 3; at += 1) turn();
    clock.advance(100);
    expect(sink.text).toBe('');
    clock.advance(500);
    expect(sink.text === `web.0 > ${'x'.repeat(100_000)}\n`).toBe(true);
  });

  test('whose rest is already in the pipe is not cut', () => {
    const { clock, pipe, turn, sink } = setUp();
    pipe(0).write('slow ');
    turn();
    clock.advance(10);
    pipe(0).write('line\n');
    clock.advance(490);
    expect(sink.text).toBe('web.0 | slow line\n');
  });

  test('is printed at the end', () => {
    const { clock, pipe, turn, sink } = setUp();
    pipe(0).write('last');
    pipe(0).end();
    turn();
    clock.advance(1);
    expect(sink.text).toBe('web.0 | last\n');
  });
});

describe('without prefixes', () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  const readAll = (turn: () => void): void => {
    for (let at = 0; at < 60; at += 1) turn();
  };

  test('a line of any length is whole, and the others wait for its end', () => {
    const { clock, pipe, turn, sink } = setUp({ hasPrefix: false });
    pipe(0).write(long);
    readAll(turn);
    pipe(1).write('one\ntwo\n');
    turn();
    clock.advance(10);
    pipe(1).write('three\n');
    turn();
    expect(pipe(1).unreadBytes).toBe('three\n'.length);
    pipe(0).write('end\nnext\n');
    turn();
    clock.advance(1);
    turn();
    clock.advance(1);
    expect(sink.text === `${long}end\nnext\none\ntwo\nthree\n`).toBe(true);
  });

  test('they do not wait for ever, and for the same line only once', () => {
    const { clock, pipe, turn, sink } = setUp({ hasPrefix: false });
    const flow = (ms: number): void => {
      for (let at = 0; at < ms; at += 100) {
        pipe(0).write(long.slice(0, 200_000));
        readAll(turn);
        clock.advance(100);
      }
    };
    flow(1000);
    pipe(1).write('one\n');
    turn();
    flow(800);
    expect(sink.text).not.toContain('one');
    flow(400);
    expect(sink.text).toContain('x\none\nx');
    pipe(1).write('two\n');
    turn();
    clock.advance(10);
    expect(sink.text).toContain('\ntwo\n');
    pipe(0).write('\n');
    readAll(turn);
    clock.advance(10);
    const xs = sink.text.replace('\none\n', '').replace('\ntwo\n', '');
    expect(/^x+\n$/.test(xs) && xs.length === 22 * 200_000 + 1).toBe(true);
  });

  test('dots stand in one line, unless another prints in between', () => {
    const { clock, pipe, turn, sink } = setUp({ hasPrefix: false });
    const write = (fd: number, text: string): void => {
      pipe(fd).write(text);
      turn();
      clock.advance(600);
    };
    write(0, '..');
    write(0, '...');
    expect(sink.text).toBe('.....');
    write(1, 'other\n');
    write(0, '.');
    write(0, ' ok\n');
    write(0, '..');
    write(1, 'more\n');
    write(0, '\nlast\n');
    expect(sink.text).toBe('.....\nother\n. ok\n..\nmore\nlast\n');
  });

  test('a bar on a terminal begins a line for each state', () => {
    const { clock, pipe, turn, sink } = setUp({ hasPrefix: false, clean: safeBytes });
    for (const text of ['\r10%', '\r20%', '\r30%\n']) {
      pipe(0).write(text);
      turn();
      clock.advance(600);
    }
    expect(sink.text).toBe('10%\n20%\n30%\n');
  });

  test('what waits is written when all is flushed, and counted when it is closed', () => {
    for (const isFlushed of [true, false]) {
      const { pipe, turn, sink, hub } = setUp({ hasPrefix: false });
      pipe(0).write(long);
      readAll(turn);
      pipe(1).write('one\n');
      turn();
      let flushed = false;
      if (isFlushed) hub.flush(() => (flushed = true));
      expect([flushed, sink.text.endsWith('x\none\n')]).toEqual([isFlushed, isFlushed]);
      expect(hub.close()).toBe(isFlushed ? 0 : 'one\n'.length);
    }
  });
});

describe('time', () => {
  test('none passes in vain: no timer is set while all are silent', () => {
    const { clock, pipe, turn } = setUp({ count: 100 });
    expect(clock.timerCount).toBe(0);
    pipe(0).write('line\n');
    turn();
    clock.advance(1000);
    expect(clock.timerCount).toBe(0);
    pipe(0).write('prompt');
    turn();
    clock.advance(1000);
    expect(clock.timerCount).toBe(0);
  });

  test('a process that writes little at a time is read once a millisecond', () => {
    const { clock, pipe, turn, sink } = setUp();
    for (let at = 0; at < 100; at += 1) {
      pipe(0).write('x\n');
      turn();
    }
    expect(sink.writeCount).toBe(1);
    clock.advance(1);
    expect(sink.writeCount).toBe(2);
    expect(sink.text).toBe('web.0 | x\n'.repeat(100));
  });
});

describe('a sink that does not take', () => {
  test('makes each wait after one turn, and nothing is lost or reordered', () => {
    const { clock, pipe, turn, sink, hub } = setUp({ count: 50 });
    const everybody = Array.from({ length: 50 }, (_, fd) => fd);
    const linesOf = (round: string) => everybody.map((fd) => `web.${fd} | ${round} of ${fd}\n`).join('');
    sink.block();
    for (const fd of everybody) pipe(fd).write(`first of ${fd}\n`);
    turn();
    hub.say('meanwhile');
    for (const fd of everybody) pipe(fd).write(`second of ${fd}\n`);
    clock.advance(10_000);
    turn();
    expect(sink.keptBytes).toBe('web.0 | first of 0\n'.length);
    for (const fd of everybody) expect(pipe(fd).unreadBytes).toBe(`second of ${fd}\n`.length);
    sink.unblock();
    turn();
    expect(sink.text).toBe(`${linesOf('first')}system | meanwhile\n${linesOf('second')}`);
  });

  test('lets nobody be read when much is kept for it', () => {
    const count = 100;
    const { pipe, turn, sink } = setUp({ count });
    const pipes = Array.from({ length: count }, (_, fd) => pipe(fd));
    const flood = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(64));
    sink.block();
    for (const each of pipes) each.write(flood);
    turn();
    const unread = pipes.filter(({ unreadBytes }) => unreadBytes > 0).length;
    expect(unread).toBeGreaterThan(count / 2);
    expect(unread).toBeLessThan(count);
    sink.unblock();
    turn();
    expect(sink.text.split('\n')).toHaveLength(count * 64 + 1);
  });

  test('is given no more than the rest of one block to keep, even of bare newlines', () => {
    const { pipe, turn, sink, hub } = setUp();
    sink.block();
    pipe(0).write(Buffer.alloc(1024 * 1024, '\n'));
    turn();
    turn();
    expect(pipe(0).unreadBytes).toBe(1024 * 1024 - READ_BYTES);
    sink.unblock();
    for (let at = 0; at < 16; at += 1) turn();
    let flushed = false;
    hub.flush(() => (flushed = true));
    expect(flushed).toBe(true);
    expect(sink.bytes.equals(Buffer.from('web.0 | \n'.repeat(1024 * 1024)))).toBe(true);
  });

  test('the time of a held line begins anew when it takes again', () => {
    const { clock, pipe, turn, sink } = setUp();
    pipe(0).write('prompt');
    turn();
    sink.block();
    pipe(1).write('x\n');
    turn();
    clock.advance(5000);
    sink.unblock();
    expect(sink.text).toBe('web.1 | x\n');
    clock.advance(500);
    expect(sink.text).toBe('web.1 | x\nweb.0 > prompt\n');
  });

  test('a prompt that blocks it leaves the others for later', () => {
    const { clock, pipe, turn, sink } = setUp({ count: 3 });
    for (const fd of [0, 1, 2]) pipe(fd).write(`prompt ${fd}`);
    turn();
    sink.block();
    clock.advance(500);
    for (const fd of [1, 2]) pipe(fd).write(' goes on\n');
    clock.advance(5000);
    expect(pipe(2).unreadBytes).toBeGreaterThan(0);
    sink.unblock();
    turn();
    expect(sink.text).toBe('web.0 > prompt 0\nweb.1 | prompt 1 goes on\nweb.2 | prompt 2 goes on\n');
  });

  test('flush calls back when it has taken all', () => {
    const { pipe, turn, sink, hub } = setUp();
    sink.block();
    pipe(0).write('x\n');
    turn();
    let flushed = false;
    hub.flush(() => (flushed = true));
    expect(flushed).toBe(false);
    sink.unblock();
    expect(flushed).toBe(true);
  });

  test('flush reads what the event loop has not told of yet', () => {
    const { pipe, sink, hub } = setUp();
    pipe(0).write('last words');
    let flushed = false;
    hub.flush(() => (flushed = true));
    expect([flushed, sink.text]).toEqual([true, 'web.0 | last words\n']);
  });

  test('stuck is passed on', () => {
    const { sink, events } = setUp();
    sink.fillDisk();
    expect(events).toEqual(['ENOSPC']);
  });
});

describe('finish', () => {
  test('prints all that is in the pipe before it says that the end was seen', () => {
    const { pipe, sink, hub, source } = setUp();
    pipe(0).write('a\n'.repeat(100_000) + 'last');
    pipe(0).end();
    source(0).finish((ended) => hub.say(`exited ${ended}`));
    expect(sink.text).toBe('web.0 | a\n'.repeat(100_000) + 'web.0 | last\nsystem | exited true\n');
    expect(pipe(0).isClosed).toBe(true);
  });

  test('leaves a pipe attached that somebody else holds', () => {
    const { clock, pipe, turn, sink, hub, source } = setUp();
    pipe(0).write('pro');
    source(0).finish((ended) => hub.say(`exited ${ended}`));
    pipe(0).write('from its grandchild\n');
    turn();
    clock.advance(1);
    expect(sink.text).toBe('web.0 | pro\nsystem | exited false\nweb.0 | from its grandchild\n');
  });

  test('does not read for ever what a grandchild writes without pause', () => {
    const { pipe, source } = setUp();
    pipe(0).write(Buffer.alloc(4 * 1024 * 1024, 'x\n'));
    let ended: boolean | undefined;
    source(0).finish((how) => (ended = how));
    expect(ended).toBe(false);
    expect(pipe(0).unreadBytes).toBeGreaterThan(2 * 1024 * 1024);
  });

  test('of a pipe that ended before calls back at once', () => {
    const { pipe, turn, source } = setUp();
    pipe(0).end();
    turn();
    let ended: boolean | undefined;
    source(0).finish((how) => (ended = how));
    expect(ended).toBe(true);
  });

  test('waits for a blocked sink; last words, then the obituary, then what was said later', () => {
    const { pipe, turn, sink, hub, source } = setUp();
    sink.block();
    pipe(1).write('x\n');
    turn();
    pipe(0).write('a\n'.repeat(100_000));
    pipe(0).end();
    source(0).finish((ended) => hub.say(`exited ${ended}`));
    for (let at = 0; at < 100; at += 1) sink.takeKept();
    sink.unblock();
    hub.say('later');
    expect(sink.text).toBe(
      'web.1 | x\n' + 'web.0 | a\n'.repeat(100_000) + 'system | exited true\nsystem | later\n',
    );
  });
});

describe('before open', () => {
  test('nothing is read, and what is asked for comes later in order', () => {
    const { pipe, turn, sink, hub, source, open } = setUp({ isOpen: false });
    hub.say('started');
    pipe(0).write('hello\n');
    pipe(0).end();
    source(0).finish((ended) => hub.say(`exited ${ended}`));
    hub.say('after');
    turn();
    expect(sink.text).toBe('');
    open();
    expect(sink.text).toBe('system | started\nweb.0 | hello\nsystem | exited true\nsystem | after\n');
  });

  test('a process attached later is read too, and waits if the sink is blocked', () => {
    const { pipe, turn, sink, source } = setUp({ count: 1 });
    sink.block();
    pipe(0).write('x\n');
    turn();
    source(7);
    pipe(7).write('y\n');
    turn();
    expect(pipe(7).unreadBytes).toBe(2);
    sink.unblock();
    turn();
    expect(sink.text).toBe('web.0 | x\nweb.7 | y\n');
  });
});

describe('when the reader has gone', () => {
  test('everything is read and dropped, and nobody waits', () => {
    const { clock, pipe, turn, sink, hub, source, events } = setUp();
    sink.block();
    pipe(0).write('x\n');
    turn();
    const said: string[] = [];
    hub.flush(() => said.push('flushed'));
    sink.leave();
    expect(events).toEqual(['gone']);
    pipe(1).write(Buffer.alloc(256 * 1024, 'y\n'));
    for (let at = 0; at < 4; at += 1) turn();
    clock.advance(1);
    expect(pipe(1).unreadBytes).toBe(0);
    source(1).finish((ended) => said.push(`finished ${ended}`));
    expect(said).toEqual(['flushed', 'finished false']);
    expect(sink.text).toBe('');
  });

  test('discard does the same while it is only slow; close counts what was dropped', () => {
    const { pipe, turn, sink, hub } = setUp();
    sink.block();
    pipe(0).write('x\n');
    turn();
    hub.discard();
    pipe(0).write('y\n');
    turn();
    expect(pipe(0).unreadBytes).toBe(0);
    expect(hub.close()).toBe('web.0 | x\n'.length);
    expect(pipe(0).isClosed).toBe(true);
  });
});

test('a pipe that has ended is forgotten: nothing more is asked of it', () => {
  const pipes = createFakePipes();
  const asked: string[] = [];
  const hub = createHub({
    sink: createFakeSink({ isTerminal: false }),
    readInto: (buffer) => (fd, events) => {
      const reader = pipes.readInto(buffer)(fd, events);
      const close = (): void => {
        asked.push(`close ${String(fd)}`);
        reader.close();
      };
      return { ...reader, close };
    },
    clock: createVirtualClock(),
  });
  hub.open({ prefixer: createPlainPrefixer(), prefixOf });
  for (const fd of [0, 1]) hub.attach(fd, { name: `web.${fd}`, index: fd });
  pipes.pipe(0).end();
  pipes.turn();
  asked.length = 0;
  hub.close();
  expect(asked).toEqual(['close 1']);
});
