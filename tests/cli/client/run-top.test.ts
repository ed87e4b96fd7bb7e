import { describe, expect, test } from 'vitest';
import { isUtf8 } from '../../../src/cli/client/locale.ts';
import { top, type StatsMessage, type TopConnection } from '../../../src/cli/client/run-top.ts';
import type { HeldThing } from '../../../src/core/exchange/held.ts';
import type { InstanceSnapshot } from '../../../src/core/snapshot.ts';
import type { Screen } from '../../../src/os/terminal/screen.ts';
import type { TopHeld } from '../../../src/top/model.ts';
import { plainTheme } from '../../../src/ui/paint.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

const processes = ['web.1', 'web.2'].map((name): InstanceSnapshot => ({
  ...{ name, process: 'web', instance: 1, state: 'running', ready: true, pid: 4100, cpu: 1, memory: 1000 },
  memoryKind: 'pss',
  ...{ uptime: 1, restarts: 0, port: 5000, exit: null, command: 'x' },
}));
const message: StatsMessage = { time: '2026-01-02T03:04:05Z', processes };

interface LogStream {
  readonly name: string;
  readonly on: Parameters<TopConnection['logs']>[2];
  isOpen: boolean;
}

/** `top` with a supervisor and a terminal that do as the test says. */
function setUp(overrides: Partial<TopConnection> = {}) {
  const clock = createVirtualClock();
  const told: string[] = [];
  const asked: string[] = [];
  const lendings: string[] = [];
  const logs: LogStream[] = [];
  const frames: (readonly string[])[] = [];
  let stats: Parameters<TopConnection['stats']>[0] | undefined;
  let answer: (sentence: string) => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  let isStatsOpen = true;
  let closings = 0;
  const ask = (...words: string[]): Promise<string> => {
    asked.push(words.join(' '));
    return new Promise((resolve, reject) => ([answer, refuse] = [resolve, reject]));
  };
  const connection: TopConnection = {
    stats(on) {
      stats = on;
      return { close: () => void (isStatsOpen = false) };
    },
    logs(name, _lines, on) {
      const stream: LogStream = { name, on, isOpen: true };
      logs.push(stream);
      return { close: () => void (stream.isOpen = false) };
    },
    held: () => Promise.resolve({ things: [], isCut: false }),
    act: (verb, name) => ask(verb, name),
    signal: (name, signal) => ask('signal', name, signal),
    attach: (name) => ask('attach', name),
    ...overrides,
  };
  const listeners: {
    key: Parameters<Screen['onKey']>[0];
    resize: Parameters<Screen['onResize']>[0];
    gone: () => void;
  } = { key: () => undefined, resize: () => undefined, gone: () => undefined };
  const screen: Screen = {
    size: { columns: 80, rows: 24 },
    draw: (lines) => void frames.push(lines),
    onKey: (listener) => void (listeners.key = listener),
    onResize: (listener) => void (listeners.resize = listener),
    onGone: (listener) => void (listeners.gone = listener),
    async lend(use) {
      lendings.push('lent');
      const result = await use(() => lendings.push('taken'));
      lendings.push('back');
      return result;
    },
    close: () => void (closings += 1),
  };
  const ended = top(
    connection,
    screen,
    plainTheme,
    { root: '/r', pid: 7 },
    { clock, ascii: false, tell: (text) => told.push(`${closings > 0 ? 'closed, ' : ''}${text}`) },
  );
  return {
    ...{ clock, told, asked, lendings, logs, frames, listeners, ended },
    hear: (one = message) => stats?.message(one),
    lose: (reason?: string) => stats?.ended(reason),
    answer: (sentence: string) => answer(sentence),
    refuse: (error: Error) => refuse(error),
    screenText: () => frames.at(-1)?.join('\n') ?? '',
    isAllClosed: () => closings > 0 && !isStatsOpen && logs.every(({ isOpen }) => !isOpen),
    timers: () => clock.timerCount,
  };
}

describe('the end', () => {
  test.each(['q', 'ctrl-c'])('%s: status 0, and nothing is left open', async (key) => {
    const { listeners, ended, told, hear, clock, isAllClosed, timers } = setUp();
    hear();
    clock.advance(100);
    listeners.key(key);
    expect(await ended).toBe(0);
    expect(told).toEqual([]);
    expect(isAllClosed()).toBe(true);
    expect(timers()).toBe(0);
  });

  test('the supervisor has gone: status 3, and why, on a terminal given back', async () => {
    const { lose, ended, told, isAllClosed } = setUp();
    lose('ended by procsup down\x1b[2J');
    expect(await ended).toBe(3);
    expect(told).toEqual([
      'closed, procsup: lost the connection to the supervisor: ended by procsup down␛[2J\n',
    ]);
    expect(isAllClosed()).toBe(true);
  });

  test('the terminal has gone: quietly', async () => {
    const { listeners, ended, told } = setUp();
    listeners.gone();
    expect(await ended).toBe(0);
    expect(told).toEqual([]);
  });

  test('a defect is no reason to keep the terminal', async () => {
    const { ended, isAllClosed, hear, clock } = setUp();
    hear({ time: 't', processes: [{ ...processes[0], name: undefined } as never] });
    clock.advance(1000);
    await expect(ended).rejects.toThrow(TypeError);
    expect(isAllClosed()).toBe(true);
  });

  test('nor is one before anything is shown', async () => {
    const broken = setUp({
      stats() {
        throw new Error('ours, for the test');
      },
    });
    await expect(broken.ended).rejects.toThrow('ours, for the test');
  });
});

describe('frames', () => {
  test('however much happens they are a while apart', () => {
    const { hear, frames, clock } = setUp();
    clock.advance(0);
    expect(frames.length).toBe(1);
    for (let count = 0; count < 100; count++) hear();
    clock.advance(32);
    expect(frames.length).toBe(1);
    clock.advance(1);
    expect(frames.length).toBe(2);
  });

  test('have the new size at once', () => {
    const { listeners, frames, clock } = setUp();
    listeners.resize({ columns: 100, rows: 30 });
    clock.advance(33);
    expect(frames.at(-1)?.length).toBe(30);
  });

  test('silence is noticed', () => {
    const { hear, clock, screenText } = setUp();
    hear();
    clock.advance(5000);
    expect(screenText()).toContain('no response for 5s');
  });
});

describe('logs', () => {
  test('of the selected one, when the selection has settled', () => {
    const { hear, logs, clock, listeners } = setUp();
    hear();
    clock.advance(79);
    listeners.key('down');
    clock.advance(79);
    expect(logs).toEqual([]);
    clock.advance(1);
    expect(logs.map(({ name }) => name)).toEqual(['web.2']);
    listeners.key('up');
    expect(logs[0]?.isOpen).toBe(false);
  });

  test('are shown, in bunches; a flood is no more than what is kept', () => {
    const { hear, logs, clock, screenText } = setUp();
    hear();
    clock.advance(80);
    logs[0]?.on.past();
    for (let count = 0; count < 50_000; count++) logs[0]?.on.line({ text: `line ${count}` });
    expect(screenText()).not.toContain('line ');
    clock.advance(100);
    expect(screenText()).toContain('line 49999');
  });

  test('the past comes at once, when all of it is there', () => {
    const { hear, logs, clock, screenText } = setUp();
    hear();
    clock.advance(80);
    logs[0]?.on.line({ text: 'first' });
    clock.advance(500);
    expect(screenText()).not.toContain('first');
    logs[0]?.on.line({ text: 'second' });
    logs[0]?.on.past();
    clock.advance(100);
    expect(screenText()).toMatch(/first[^]*second/);
  });

  test('a asks for those of all', () => {
    const { hear, logs, clock, listeners } = setUp();
    hear();
    clock.advance(80);
    listeners.key('a');
    clock.advance(80);
    expect(logs.map(({ name, isOpen }) => [name, isOpen])).toEqual([
      ['web.1', false],
      ['*', true],
    ]);
  });

  test('their last words come before their end', () => {
    const { hear, logs, clock, screenText } = setUp();
    hear();
    clock.advance(80);
    logs[0]?.on.line({ text: 'last words' });
    logs[0]?.on.ended('gone');
    clock.advance(100);
    expect(screenText()).toContain('last words');
    expect(screenText()).toContain('log of web.1 ended: gone');
  });
});

describe('deeds', () => {
  test.each([
    [['r'], 'restart web.1'],
    [['x', '2'], 'signal web.1 SIGKILL'],
  ])('%j asks for %s, and says what came of it', async (keys, asked) => {
    const world = setUp();
    world.hear();
    for (const key of keys) world.listeners.key(key);
    expect(world.asked).toEqual([asked]);
    world.answer('web.1 restarted (1 -> 2)');
    await Promise.resolve();
    world.clock.advance(100);
    expect(world.screenText()).toContain('web.1 restarted (1 -> 2)');
  });

  test('the outcome gives way to the keys after 3 s', async () => {
    const world = setUp();
    world.hear();
    world.clock.advance(500);
    world.listeners.key('r');
    world.answer('web.1 restarted (1 -> 2)');
    await Promise.resolve();
    world.clock.advance(2999);
    expect(world.frames.at(-1)?.at(-1)).toBe(' web.1 restarted (1 -> 2)');
    world.clock.advance(34);
    expect(world.frames.at(-1)?.at(-1)).toMatch(/^ r restart {2}s stop/);
  });

  test('A gives the terminal to the process, and says what came of it', async () => {
    const world = setUp({
      attach: (name, take) => {
        take();
        return Promise.resolve(`detached from ${name}`);
      },
    });
    world.hear();
    world.listeners.key('A');
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    world.clock.advance(100);
    expect(world.lendings).toEqual(['lent', 'taken', 'back']);
    expect(world.screenText()).toContain('detached from web.1');
  });

  test('a refusal is said, too', async () => {
    const world = setUp();
    world.hear();
    world.listeners.key('s');
    world.refuse(new Error('no such thing'));
    await Promise.resolve();
    await Promise.resolve();
    world.clock.advance(100);
    expect(world.screenText()).toContain('no such thing');
  });
});

test.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C.utf8', LC_ALL: '' }, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'C', LC_CTYPE: 'de_DE.UTF-8' }, true],
  [{}, false],
])('%j: UTF-8 is %s', (env, expected) => {
  expect(isUtf8(env)).toBe(expected);
});

describe('what processes exchange', () => {
  const queue = (name: string): HeldThing => ({
    ...({ kind: 'queue', name, ready: 7, delayed: 0, leased: 0, dead: 0 } as const),
    ...{ readers: 0, writers: 0, maxsize: null, paused: false, store: 'sqlite' },
  });

  test('is asked for now and then, each second while it is shown, and never twice at a time', async () => {
    const asked: number[] = [];
    let answer: (held: TopHeld | undefined) => void = () => undefined;
    const answered = async (held: TopHeld | undefined): Promise<void> => {
      answer(held);
      await Promise.resolve();
      await Promise.resolve();
    };
    const { clock, listeners, screenText, hear, ended } = setUp({
      held(most) {
        asked.push(most);
        return new Promise((resolve) => (answer = resolve));
      },
    });
    hear();
    clock.advance(12_000);
    expect(asked).toEqual([1]);
    await answered({ things: [queue('mail')], isCut: true });
    clock.advance(100);
    expect(screenText()).toContain(' e exchange ');
    clock.advance(4000);
    expect(asked).toEqual([1, 1]);
    listeners.key('e');
    clock.advance(100);
    expect(screenText()).toContain('mail');
    // The one under way was asked for one thing only.
    await answered({ things: [queue('mail')], isCut: true });
    expect(asked).toEqual([1, 1, 1000]);
    await answered({ things: [queue('mail'), queue('images')], isCut: false });
    clock.advance(1000);
    expect(screenText()).toContain('images');
    expect(asked).toEqual([1, 1, 1000, 1000]);
    // Where it cannot be told, what is known stays.
    await answered(undefined);
    clock.advance(1000);
    expect(screenText()).toContain('images');
    expect(asked).toHaveLength(5);
    listeners.key('ctrl-c');
    expect(await ended).toBe(0);
  });

  test('a question that fails is asked again', async () => {
    const asked: number[] = [];
    const { clock, listeners, ended } = setUp({
      held(most) {
        asked.push(most);
        return Promise.reject(new Error('no answer'));
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(5000);
    expect(asked).toEqual([1, 1]);
    listeners.key('q');
    expect(await ended).toBe(0);
  });
});
