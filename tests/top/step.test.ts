import { describe, expect, test } from 'vitest';
import type { InstanceSnapshot } from '../../src/core/snapshot.ts';
import { parseKeys } from '../../src/core/key-codes.ts';
import { MOST_LOG_LINES } from '../../src/top/log.ts';
import { newTop, type LogLine, type TopEffect, type TopEvent, type TopModel } from '../../src/top/model.ts';
import { stepTop } from '../../src/top/step.ts';
import { firstRow, topLayout, visibleInstances } from '../../src/top/view.ts';

function instance(name: string, more: Partial<InstanceSnapshot> = {}): InstanceSnapshot {
  const [process = ''] = name.split('.');
  const running = {
    state: 'running',
    ready: true,
    pid: 1,
    cpu: 1,
    memory: 1000,
    memoryKind: 'pss',
    uptime: 1,
  } as const;
  return {
    name,
    process,
    instance: 1,
    ...running,
    restarts: 0,
    port: 5000,
    exit: null,
    command: 'x',
    ...more,
  };
}

const stats = (names: readonly (string | InstanceSnapshot)[], nowMs = 0): TopEvent => ({
  type: 'stats',
  nowMs,
  message: {
    time: '2026-01-02T03:04:05Z',
    processes: names.map((one) => (typeof one === 'string' ? instance(one) : one)),
  },
});
const key = (name: string): TopEvent => ({ type: 'key', key: name });
const linesOf = (...texts: string[]): readonly LogLine[] => texts.map((text) => ({ text }));
const log = (source: string, lines: readonly LogLine[], skipped = 0): TopEvent => ({
  type: 'log',
  source,
  lines,
  skipped,
});

/** What became of it all, and the effects of the last event. */
function after(...events: readonly TopEvent[]): { model: TopModel; effects: readonly TopEffect[] } {
  let model = newTop({ root: '/r', pid: 1 }, { columns: 80, rows: 24 }, 0);
  let effects: readonly TopEffect[] = [];
  for (const event of events) ({ model, effects } = stepTop(model, event));
  return { model, effects };
}
const press = (...keys: readonly string[]) => after(stats(['a.1', 'b.1', 'c.1']), ...keys.map(key));
const follow = (source: string | undefined): TopEffect => ({ type: 'follow-logs', source });

describe('selection', () => {
  test('the first message selects the first, whose log is followed', () => {
    const { model, effects } = after(stats(['a.1', 'b.1']));
    expect(model.selected).toBe('a.1');
    expect(effects).toEqual([follow('a.1')]);
  });

  test.each([
    [['down'], 'b.1'],
    [['j', 'j'], 'c.1'],
    [['j', 'j', 'j'], 'c.1'],
    [['down', 'up'], 'a.1'],
    [['k'], 'a.1'],
    [['end'], 'c.1'],
    [['end', 'home'], 'a.1'],
    [['page-down'], 'c.1'],
    [['page-down', 'page-up'], 'a.1'],
  ])('%j', (keys, selected) => {
    expect(press(...keys).model.selected).toBe(selected);
  });

  test('what does not move follows nothing anew', () => {
    expect(press('up').effects).toEqual([]);
    expect(press('down').effects).toEqual([follow('b.1')]);
  });

  test('a page is what the table shows', () => {
    const names = Array.from({ length: 100 }, (_, index) => `p.${index}`);
    const { model } = after(stats(names), key('page-down'));
    expect(model.selected).toBe(`p.${topLayout(model, model.size).table}`);
  });

  test.each([
    ['follows its process', ['b.1', 'x.1', 'a.1', 'c.1'], 'b.1'],
    ['goes to the nearest when it disappears', ['a.1', 'c.1'], 'c.1'],
    ['goes to the last when the last disappears', ['a.1'], 'a.1'],
    ['is nobody when nobody is there', [], undefined],
  ])('%s', (_what, names, selected) => {
    const { model, effects } = after(stats(['a.1', 'b.1', 'c.1']), key('j'), stats(names));
    expect(model.selected).toBe(selected);
    expect(effects).toEqual(selected === 'b.1' ? [] : [follow(selected)]);
  });

  test('in the order of the table the nearest counts, too', () => {
    const one = (name: string, cpu: number): InstanceSnapshot => instance(name, { cpu });
    const all = [one('a.1', 1), one('b.1', 3), one('c.1', 2)];
    const { model } = after(stats(all), key('c'), key('home'), stats([one('a.1', 1), one('c.1', 2)]));
    expect(model.selected).toBe('c.1');
  });
});

describe('order and filter', () => {
  const all = [
    instance('a.1', { cpu: 1, memory: null, uptime: 3 }),
    instance('b.1', { cpu: null, memory: 5, uptime: 3 }),
    instance('c.1', { cpu: 2, memory: 7, uptime: 9 }),
  ];
  test.each([
    ['c', ['c.1', 'a.1', 'b.1']],
    ['m', ['c.1', 'b.1', 'a.1']],
    ['u', ['c.1', 'a.1', 'b.1']],
    ['o', ['a.1', 'b.1', 'c.1']],
  ])('%s', (sort, names) => {
    const { model } = after(stats(all), key('c'), key(sort));
    expect(visibleInstances(model).map(({ name }) => name)).toEqual(names);
    expect(model.selected).toBe('a.1');
  });

  const shop = stats(['web.1', 'web.2', 'worker.1']);
  const typed = (...keys: readonly string[]) => after(shop, ...['f', ...keys].map(key));
  test.each([
    ['what is typed is looked for', ['o', 'R'], 'oR', 'filter', ['worker.1']],
    ['the keys of the table are text', ['q', 'r'], 'qr', 'filter', []],
    ['backspace', ['w', 'x', 'backspace'], 'w', 'filter', ['web.1', 'web.2', 'worker.1']],
    [
      'backspace takes a whole character',
      ['w', '🚀', 'backspace'],
      'w',
      'filter',
      ['web.1', 'web.2', 'worker.1'],
    ],
    ['Enter keeps', ['w', 'o', 'enter'], 'wo', 'table', ['worker.1']],
    ['Esc clears', ['w', 'o', 'escape'], '', 'table', ['web.1', 'web.2', 'worker.1']],
    ['Esc clears later, too', ['w', 'o', 'enter', 'escape'], '', 'table', ['web.1', 'web.2', 'worker.1']],
    ['keys that print nothing are none', ['w', 'f1', 'alt-x'], 'w', 'filter', ['web.1', 'web.2', 'worker.1']],
  ])('%s', (_what, keys, filter, mode, names) => {
    const { model } = typed(...keys);
    expect([model.filter, model.mode.type]).toEqual([filter, mode]);
    expect(visibleInstances(model).map(({ name }) => name)).toEqual(names);
  });

  test('who is filtered away is not selected', () => {
    expect(typed('o').effects).toEqual([follow('worker.1')]);
    expect(typed('o', 'z').effects).toEqual([follow(undefined)]);
    expect(typed('down').model.selected).toBe('web.2');
  });
});

describe('deeds', () => {
  test.each([
    ['r', 'restart', 'restarting a.1 ...'],
    ['s', 'stop', 'stopping a.1 ...'],
    ['t', 'start', 'starting a.1 ...'],
    ['S', 'start', 'starting a.1 ...'],
  ])('%s', (pressed, verb, text) => {
    const { model, effects } = press(pressed);
    expect(effects).toEqual([{ type: 'act', verb, name: 'a.1' }]);
    expect(model.status?.text).toBe(text);
  });

  test.each(['r', 's', 't', 'x'])('%s with nobody selected does nothing', (pressed) => {
    const { model, effects } = after(stats([]), key(pressed));
    expect(effects).toEqual([]);
    expect(model.status?.text).toBe('no process selected');
  });

  test('what was done is said for a while', () => {
    const acted: TopEvent = { type: 'acted', sentence: 'a.1 stopped' };
    expect(after(acted, { type: 'tick', nowMs: 2999 }).model.status?.text).toBe('a.1 stopped');
    expect(after(acted, { type: 'tick', nowMs: 3000 }).model.status).toBeUndefined();
  });

  test.each([
    [['1'], 'SIGTERM'],
    [['2'], 'SIGKILL'],
    [['6'], 'SIGUSR2'],
    [['enter'], 'SIGTERM'],
    [['down', 'right', 'enter'], 'SIGINT'],
    [['up', 'enter'], 'SIGUSR2'],
    [['7', 'z', '4'], 'SIGHUP'],
  ])('signal menu: %j', (keys, signal) => {
    const { model, effects } = press('x', ...keys);
    expect(effects).toEqual([{ type: 'signal', name: 'a.1', signal }]);
    expect(model.mode.type).toBe('table');
  });

  test.each(['escape', 'q', 'x'])('%s leaves the menu', (pressed) => {
    const { model, effects } = press('x', pressed);
    expect([model.mode.type, effects]).toEqual(['table', []]);
  });

  test('the menu is for whom it was opened', () => {
    const events = [stats(['a.1', 'b.1']), key('j'), key('x')];
    const gone = after(...events, stats(['a.1']));
    expect([gone.model.mode.type, gone.model.status?.text]).toEqual(['table', 'b.1 was removed']);
    const there = after(...events, stats(['0.1', 'a.1', 'b.1']), key('1'));
    expect(there.effects).toEqual([{ type: 'signal', name: 'b.1', signal: 'SIGTERM' }]);
  });

  test.each([
    [['q']],
    [['ctrl-c']],
    [['f', 'ctrl-c']],
    [['/', 'ctrl-c']],
    [['enter', 'ctrl-c']],
    [['x', 'ctrl-c']],
    [['?', 'ctrl-c']],
  ])('%j quits', (keys) => {
    expect(press(...keys).effects).toEqual([{ type: 'quit', status: 0 }]);
  });

  test('any key leaves the help, and does nothing else', () => {
    expect(press('?').model.mode.type).toBe('help');
    const { model, effects } = press('?', 's');
    expect([model.mode.type, effects]).toEqual(['table', []]);
  });

  test.each([
    ['kicked', 'lost the connection to the supervisor: kicked'],
    [undefined, 'lost the connection to the supervisor'],
  ])('a lost supervisor ends it (%s)', (reason, said) => {
    expect(after({ type: 'lost', reason }).effects).toEqual([{ type: 'quit', status: 3, reason: said }]);
  });
});

describe('log', () => {
  const texts = (lines: readonly LogLine[]): readonly (string | undefined)[] => lines.map(({ text }) => text);
  const many = (count: number, prefix = ''): readonly LogLine[] =>
    linesOf(...Array.from({ length: count }, (_, index) => `${prefix}${index}`));

  test('of the selected process only', () => {
    const { model } = after(stats(['a.1', 'b.1']), log('b.1', linesOf('no')), log('a.1', linesOf('yes')));
    expect(texts(model.log.lines)).toEqual(['yes']);
  });

  test('so many lines are kept, and of each so much', () => {
    const { model } = after(
      stats(['a.1']),
      log('a.1', many(MOST_LOG_LINES)),
      log('a.1', linesOf('x'.repeat(9e4))),
    );
    expect(model.log.lines.length).toBe(MOST_LOG_LINES);
    expect(model.log.lines[0]?.text).toBe('1');
    expect(model.log.lines.at(-1)?.text?.length).toBe(4096);
  });

  test('another process, another log', () => {
    const { model } = after(stats(['a.1', 'b.1']), log('a.1', linesOf('x')), key(' '), key('j'));
    expect([model.log.lines, model.log.paused]).toEqual([[], undefined]);
  });

  test('paused it stands still, counts, and catches up', () => {
    const events = [
      ...[stats(['a.1']), log('a.1', linesOf('1', '2')), key(' ')],
      ...[log('a.1', linesOf('3')), log('a.1', linesOf('4'), 10)],
    ];
    const { model } = after(...events);
    expect(texts(model.log.lines)).toEqual(['1', '2']);
    expect(model.log.paused?.count).toBe(12);
    const resumed = after(...events, key(' ')).model.log;
    expect(texts(resumed.lines)).toEqual(['1', '2', '3', '4']);
    expect(resumed.paused).toBeUndefined();
  });

  test('paused for long it keeps no more', () => {
    const { model } = after(
      ...[stats(['a.1']), log('a.1', many(1)), key(' ')],
      ...[log('a.1', many(4000, 'x')), log('a.1', many(4000, 'y'))],
    );
    expect(model.log.paused?.lines.length).toBe(MOST_LOG_LINES);
    expect(model.log.paused?.count).toBe(8000);
  });

  test.each([
    ['[', 1],
    ['shift-up', 1],
  ])('%s looks back, which pauses', (pressed, scroll) => {
    const { model } = after(stats(['a.1']), log('a.1', many(100)), key(pressed));
    expect([model.log.scroll, model.log.paused?.count]).toEqual([scroll, 0]);
  });

  test('not beyond either end', () => {
    const short = after(stats(['a.1']), log('a.1', many(3)), key('[')).model;
    expect([short.log.scroll, short.log.paused]).toEqual([0, undefined]);
    const back = Array.from({ length: 200 }, () => key('['));
    const { model } = after(stats(['a.1']), log('a.1', many(100)), ...back);
    expect(model.log.scroll).toBe(100 - (topLayout(model, model.size).log - 1));
    const on = after(stats(['a.1']), log('a.1', many(100)), key('['), key(']'), key('shift-down')).model;
    expect(on.log.scroll).toBe(0);
  });

  test('larger, off, back; what is not seen is not followed', () => {
    expect([press('l').model.log.size, press('l').effects]).toEqual(['large', []]);
    expect([press('l', 'l').model.log.size, press('l', 'l').effects]).toEqual(['off', [follow(undefined)]]);
    expect(press('l', 'l', 'j').effects).toEqual([]);
    expect(press('l', 'l', 'j', 'l').effects).toEqual([follow('b.1')]);
  });

  test('its end is said', () => {
    const { model } = after(stats(['a.1']), { type: 'log-ended', source: 'a.1', reason: 'removed' });
    expect(model.status?.text).toBe('log of a.1 ended: removed');
    expect(after({ type: 'log-ended', source: 'a.1', reason: 'x' }).model.status).toBeUndefined();
  });
});

describe('history', () => {
  const sample = (cpu: number | null): InstanceSnapshot => instance('a.1', { cpu });

  test('begins with what is given, and grows by each message', () => {
    const first: TopEvent = {
      type: 'stats',
      nowMs: 0,
      message: {
        time: 't',
        processes: [sample(3)],
        history: { 'a.1': { cpu: [1, 2, 3], memory: [4, 5, 6] } },
      },
    };
    const { model } = after(first, stats([sample(4)], 1000), stats([sample(null)], 2000));
    expect(model.history['a.1']?.cpu).toEqual([1, 2, 3, 4, null]);
  });

  test('silence is a gap, and those who left are forgotten', () => {
    const { model } = after(stats([sample(1), 'b.1'], 0), stats([sample(2)], 4100));
    expect(model.history).toEqual({
      'a.1': { cpu: [1, null, null, null, 2], memory: [1000, null, null, null, 1000] },
    });
  });

  test('ten minutes are kept', () => {
    const events = Array.from({ length: 700 }, (_, index) => stats([sample(index)], index * 1000));
    const cpu = after(...events).model.history['a.1']?.cpu;
    expect([cpu?.length, cpu?.[0]]).toEqual([600, 100]);
  });
});

describe('layout', () => {
  test.each([
    [24, 10, [], { table: 10, counts: 0, history: 1, log: 10 }],
    [24, 100, [], { table: 13, counts: 1, history: 1, log: 6 }],
    [24, 1, ['l'], { table: 4, counts: 0, history: 1, log: 16 }],
    [24, 1, ['l', 'l'], { table: 20, counts: 0, history: 1, log: 0 }],
    [8, 10, [], { table: 2, counts: 0, history: 0, log: 3 }],
    [9, 10, [], { table: 2, counts: 1, history: 0, log: 3 }],
    [24, 100, ['enter'], { table: 0, counts: 0, history: 0, log: 22 }],
    [24, 100, ['l', 'l', 'enter'], { table: 0, counts: 0, history: 0, log: 22 }],
    [50, 3, [], { table: 3, counts: 0, history: 1, log: 43 }],
  ])('%i rows, %i processes, keys %j', (rows, count, keys, layout) => {
    const names = Array.from({ length: count }, (_, index) => `p.${index}`);
    const { model } = after(stats(names), ...keys.map(key));
    expect(topLayout(model, { columns: 80, rows })).toEqual(layout);
  });

  test.each([
    [0, 5, 100, 0],
    [50, 5, 100, 48],
    [99, 5, 100, 95],
    [2, 5, 3, 0],
    [-1, 5, 0, 0],
  ])('selected %i in %i of %i rows: from %i', (selected, height, count, first) => {
    expect(firstRow(selected, height, count)).toBe(first);
  });
});

describe('keys as terminals send them', () => {
  test.each([
    ['a', ['a']],
    ['aé漢🚀', ['a', 'é', '漢', '🚀']],
    ['\x1b[A\x1b[B\x1b[C\x1b[D', ['up', 'down', 'right', 'left']],
    ['\x1bOA\x1bOH\x1bOF', ['up', 'home', 'end']],
    ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~', ['home', 'end', 'home', 'end', 'home', 'end']],
    ['\x1b[5~\x1b[6~\x1b[3~', ['page-up', 'page-down', 'delete']],
    ['\x1b[1;2A\x1b[1;2B\x1b[a\x1b[b', ['shift-up', 'shift-down', 'shift-up', 'shift-down']],
    ['\x1b[1;5A', ['ctrl-up']],
    ['\r\n\t\x7f\b', ['enter', 'enter', 'tab', 'backspace', 'backspace']],
    ['\x03\x1a\x15', ['ctrl-c', 'ctrl-z', 'ctrl-u']],
    ['\x1b[[A\x1b[15~\x1b[?1;2cq', ['q']],
    ['\x1bs', ['alt-s']],
    ['\x1b\x1b[A', ['escape', 'up']],
    ['a\x1b[200~rm -rf\rq\x1b[Aq\x1b[201~b', ['a', 'b']],
    ['\0\x1c\x85', []],
  ])('%j', (text, keys) => {
    expect(parseKeys(text, false)).toEqual({ keys, rest: '' });
  });

  test.each(['\x1b', '\x1b[', '\x1bO', '\x1b[1;2', '\x1b[20'])('%j may be a beginning', (text) => {
    expect(parseKeys(`x${text}`, false)).toEqual({ keys: ['x'], rest: text });
    expect(parseKeys(`x${text}`, true)).toEqual({
      keys: text === '\x1b' ? ['x', 'escape'] : ['x'],
      rest: '',
    });
  });

  test('wherever it is cut, the same keys', () => {
    const text = 'a\x1b[A\x1b[200~pasted \x1b[A q\x1b[201~\x1b[1;2Bz\x1b[5~';
    for (let cut = 0; cut <= text.length; cut++) {
      const first = parseKeys(text.slice(0, cut), false);
      const second = parseKeys(first.rest + text.slice(cut), false);
      expect([...first.keys, ...second.keys]).toEqual(['a', 'up', 'shift-down', 'z', 'page-up']);
    }
  });

  test('a long paste is not kept', () => {
    let rest = '\x1b[200~';
    for (let count = 0; count < 100; count++) ({ rest } = parseKeys(rest + 'x'.repeat(1000), true));
    expect(rest.length).toBeLessThan(20);
    expect(parseKeys(`${rest}\x1b[201~q`, false).keys).toEqual(['q']);
  });
});
