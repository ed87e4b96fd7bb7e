import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openScreen } from '../../../src/os/terminal/screen.ts';
import { createFakeSink } from '../../helpers/fake-sink.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[0m\x1b[2J';
const LEAVE = '\x18\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';

const framed = (text: string): string => `\x1b[?2026h${text}\x1b[?2026l`;
const row = (number: number, text: string): string => `\x1b[${number};1H\x1b[0m\x1b[2K${text}`;

function setUp() {
  const modes: boolean[] = [];
  const kills: [number, string][] = [];
  const now: string[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => void modes.push(isRaw),
  });
  const output = Object.assign(new EventEmitter(), { fd: -1, columns: 80, rows: 24 });
  const host = Object.assign(new EventEmitter(), {
    pid: 4242,
    kill: (pid: number, signal: string) => void kills.push([pid, signal]),
  });
  const sink = createFakeSink({ isTerminal: true });
  const clock = createVirtualClock();
  const screen = openScreen({ input, output, host, sink, clock, writeNow: (text) => now.push(text) });
  const keys: string[] = [];
  const sizes: unknown[] = [];
  let gone = 0;
  screen.onKey((key) => keys.push(key));
  screen.onResize((size) => sizes.push(size));
  screen.onGone(() => (gone += 1));
  const type = (text: string | Uint8Array): void => void input.emit('data', Buffer.from(text));
  return {
    ...{ screen, input, output, host, sink, clock, modes, kills, now, keys, sizes, type },
    goneCount: () => gone,
  };
}

test('takes the terminal', () => {
  const { modes, now, screen } = setUp();
  expect(modes.at(-1)).toBe(true);
  expect(now).toEqual([ENTER]);
  expect(screen.size).toEqual({ columns: 80, rows: 24 });
});

test('a terminal that knows no size is taken for the usual one', () => {
  const { screen, output } = setUp();
  Object.assign(output, { columns: 0, rows: undefined });
  expect(screen.size).toEqual({ columns: 80, rows: 24 });
});

describe('the terminal is given back once', () => {
  type World = ReturnType<typeof setUp>;
  test.each<[string, (world: World) => void]>([
    ['close', ({ screen }) => screen.close()],
    ['exit', ({ host }) => host.emit('exit')],
    ['an exception', ({ host }) => host.emit('uncaughtExceptionMonitor')],
    ['SIGINT', ({ host }) => host.emit('SIGINT')],
    ['SIGTERM', ({ host }) => host.emit('SIGTERM')],
    ['SIGHUP', ({ host }) => host.emit('SIGHUP')],
    ['SIGQUIT', ({ host }) => host.emit('SIGQUIT')],
    ['a stop', ({ host }) => host.emit('SIGTSTP')],
  ])('%s', (_way, end) => {
    const world = setUp();
    end(world);
    expect(world.now).toEqual([ENTER, LEAVE]);
    expect(world.modes.at(-1)).toBe(false);
    // Whatever comes after it.
    for (const event of ['SIGTERM', 'uncaughtExceptionMonitor', 'exit']) world.host.emit(event);
    world.screen.close();
    expect(world.now).toEqual([ENTER, LEAVE]);
    world.screen.draw(['late']);
    expect(world.sink.text).toBe('');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])('%s then has its effect', (signal) => {
    const { host, kills } = setUp();
    host.emit(signal);
    expect(kills).toEqual([[4242, signal]]);
  });

  test('a signal that another one handles is left to it', () => {
    const { host, kills } = setUp();
    host.on('SIGTERM', () => undefined);
    host.emit('SIGTERM');
    expect(kills).toEqual([]);
  });

  test('nothing is listened to afterwards', () => {
    const { host, output, input, screen } = setUp();
    screen.close();
    expect(host.eventNames()).toEqual([]);
    expect(output.eventNames()).toEqual([]);
    expect(input.listenerCount('data')).toBe(0);
    // A terminal that hangs up later is no exception.
    expect(input.emit('error', new Error('EIO'))).toBe(true);
  });

  test('the rest of a frame does not follow it', () => {
    const { sink, screen } = setUp();
    sink.block();
    screen.draw(['half']);
    screen.close();
    expect(sink.keptBytes).toBe(0);
  });
});

describe('frames', () => {
  test('only changed lines, in one write', () => {
    const { screen, sink } = setUp();
    screen.draw(['a', 'b', 'c']);
    screen.draw(['a', 'B', 'c']);
    screen.draw(['a', 'B', 'c']);
    expect(sink.text).toBe(framed(row(1, 'a') + row(2, 'b') + row(3, 'c')) + framed(row(2, 'B')));
    expect(sink.writeCount).toBe(2);
  });

  test('a shorter one clears what is below', () => {
    const { screen, sink } = setUp();
    screen.draw(['a', 'b']);
    screen.draw(['a']);
    expect(sink.text).toContain(framed('\x1b[2;1H\x1b[0m\x1b[J'));
  });

  test('a busy terminal gets the newest one only', () => {
    const { screen, sink } = setUp();
    sink.block();
    screen.draw(['1']);
    for (const text of ['2', '3', '4']) screen.draw([text]);
    expect(sink.writeCount).toBe(1);
    sink.unblock();
    expect(sink.text).toBe(framed(row(1, '1')) + framed(row(1, '4')));
  });

  test('after a resize all is drawn, and nothing of the old size', () => {
    const { screen, sink, output, sizes } = setUp();
    sink.block();
    screen.draw(['a', 'b']);
    screen.draw(['a', 'c']);
    Object.assign(output, { columns: 40, rows: 1 });
    output.emit('resize');
    expect(sizes).toEqual([{ columns: 40, rows: 1 }]);
    sink.unblock();
    screen.draw(['a']);
    expect(sink.text).toBe(framed(row(1, 'a') + row(2, 'b')) + framed(row(1, 'a')));
  });
});

describe('keys', () => {
  test('are told by name', () => {
    const { type, keys } = setUp();
    type('q\x1b[A\r');
    expect(keys).toEqual(['q', 'up', 'enter']);
  });

  test('a character may come in pieces', () => {
    const { type, keys } = setUp();
    const bytes = Buffer.from('é');
    type(bytes.subarray(0, 1));
    type(bytes.subarray(1));
    expect(keys).toEqual(['é']);
  });

  test('Esc is known by the silence after it', () => {
    const { type, keys, clock } = setUp();
    type('\x1b');
    clock.advance(49);
    expect(keys).toEqual([]);
    clock.advance(1);
    expect(keys).toEqual(['escape']);
  });

  test('a sequence may come in pieces', () => {
    const { type, keys, clock } = setUp();
    type('\x1b');
    clock.advance(40);
    type('[');
    clock.advance(40);
    type('A');
    clock.advance(1000);
    expect(keys).toEqual(['up']);
  });

  test('what is pasted is no key, however long it takes', () => {
    const { type, keys, clock } = setUp();
    type('\x1b[200~q');
    clock.advance(1000);
    type('s\x1b[201~x');
    expect(keys).toEqual(['x']);
  });
});

describe('a stop', () => {
  test('Ctrl-Z is for the whole job', () => {
    const { type, kills, keys } = setUp();
    type('\x1a');
    expect(kills).toEqual([[0, 'SIGTSTP']]);
    expect(keys).toEqual([]);
  });

  test('stops us by the signal itself, and SIGCONT brings everything back', () => {
    const { host, kills, now, sink, screen, modes, sizes, clock } = setUp();
    screen.draw(['a']);
    host.emit('SIGTSTP');
    expect(kills).toEqual([[4242, 'SIGTSTP']]);
    expect(host.listenerCount('SIGTSTP')).toBe(0);
    screen.draw(['b']);
    expect(sink.writeCount).toBe(1);
    host.emit('SIGCONT');
    expect(now).toEqual([ENTER, LEAVE, ENTER]);
    expect(modes.slice(-3)).toEqual([false, false, true]);
    expect(sink.text).toBe(framed(row(1, 'a')) + framed(row(1, 'b')));
    expect(sizes.length).toBe(1);
    clock.advance(1000);
    expect(now.length).toBe(3);
    host.emit('SIGTSTP');
    expect(now.at(-1)).toBe(LEAVE);
  });

  test('of which nothing came is soon over', () => {
    const { host, now, clock, sizes } = setUp();
    host.emit('SIGTSTP');
    clock.advance(100);
    expect(now).toEqual([ENTER, LEAVE, ENTER]);
    expect(sizes.length).toBe(1);
    expect(host.listenerCount('SIGTSTP')).toBe(1);
  });

  test('that nobody told us of: all is drawn anew', () => {
    const { host, now, sink, screen } = setUp();
    screen.draw(['a']);
    host.emit('SIGCONT');
    screen.draw(['a']);
    expect(now).toEqual([ENTER, ENTER]);
    expect(sink.text).toBe(framed(row(1, 'a')).repeat(2));
    expect(host.listenerCount('SIGTSTP')).toBe(1);
  });

  test('and an end while stopped', () => {
    const { host, now, screen, clock } = setUp();
    host.emit('SIGTSTP');
    screen.close();
    host.emit('SIGCONT');
    clock.advance(1000);
    expect(now).toEqual([ENTER, LEAVE]);
  });
});

describe('a terminal that hangs up', () => {
  test.each(['error', 'end'])('input: %s', (event) => {
    const { input, goneCount, screen, sink, now } = setUp();
    input.emit(event, new Error('EIO'));
    input.emit(event, new Error('EIO'));
    expect(goneCount()).toBe(1);
    screen.draw(['a']);
    screen.close();
    expect(sink.text).toBe('');
    expect(now).toEqual([ENTER]);
  });

  test('output', () => {
    const { sink, goneCount } = setUp();
    sink.leave();
    expect(goneCount()).toBe(1);
  });
});

describe('lent', () => {
  /** Lends the terminal until `finish` is called. */
  function lend() {
    const world = setUp();
    world.screen.draw(['before']);
    let take: () => void = () => undefined;
    let finish: (result: string) => void = () => undefined;
    const result = world.screen.lend((takeIt) => {
      take = takeIt;
      return new Promise<string>((resolve) => (finish = resolve));
    });
    return { ...world, take: () => take(), finish: (text: string) => finish(text), result };
  }

  test('it is given back when it is taken, and then taken again and drawn anew', async () => {
    const { screen, now, modes, sink, keys, sizes, input, type, take, finish, result } = lend();
    const before = sink.text;
    take();
    expect(now).toEqual([ENTER, LEAVE]);
    expect(modes.at(-1)).toBe(false);
    expect(input.listenerCount('data')).toBe(0);
    screen.draw(['meanwhile']);
    type('q\x1a');
    expect([sink.text, keys]).toEqual([before, []]);
    finish('done');
    expect(await result).toBe('done');
    expect(now).toEqual([ENTER, LEAVE, ENTER]);
    expect(modes.at(-1)).toBe(true);
    expect(sink.text.slice(before.length)).toBe(framed(row(1, 'meanwhile')));
    expect(sizes.length).toBe(1);
    type('q');
    expect(keys).toEqual(['q']);
  });

  test('frames wait from before it is taken on', () => {
    const { screen, sink, keys, type } = lend();
    const before = sink.text;
    screen.draw(['late']);
    type('q');
    expect([sink.text, keys]).toEqual([before, []]);
  });

  test('what does not take it leaves the screen as it is', async () => {
    const { screen, now, sink, finish, result } = lend();
    const before = sink.text;
    screen.draw(['late']);
    finish('none');
    await result;
    expect(now).toEqual([ENTER]);
    expect(sink.text.slice(before.length)).toBe(framed(row(1, 'late')));
  });

  test('a SIGCONT does not take it from the borrower', () => {
    const { host, now, take } = lend();
    take();
    host.emit('SIGCONT');
    expect(now).toEqual([ENTER, LEAVE]);
  });

  test('closed meanwhile it stays so', async () => {
    const { screen, now, input, take, finish, result } = lend();
    take();
    screen.close();
    finish('late');
    await result;
    expect(now).toEqual([ENTER, LEAVE]);
    expect(input.listenerCount('data')).toBe(0);
  });
});
