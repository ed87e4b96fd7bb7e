import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { InstanceSnapshot, PublicState } from '../../src/core/snapshot.ts';
import {
  ALL_OUTPUT,
  newTop,
  type StatsMessage,
  type TopEvent,
  type TopModel,
  type TopSize,
} from '../../src/top/model.ts';
import { stepTop } from '../../src/top/step.ts';
import { cellWidth } from '../../src/text/cell-width.ts';
import { plainTheme } from '../../src/ui/paint.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { renderTop } from '../../src/top/screen.ts';

beforeAll(() => void vi.stubEnv('TZ', 'UTC'));
afterAll(() => void vi.unstubAllEnvs());

const MIB = 1024 * 1024;

function row(name: string, state: PublicState, numbers: readonly (number | null)[]): InstanceSnapshot {
  const [process = ''] = name.split('.');
  const [pid = null, cpu = null, memory = null, uptime = null, restarts, port] = numbers;
  return {
    ...{ name, process, instance: 1, state, ready: true, pid, cpu, memory, uptime },
    memoryKind: memory === null ? null : 'pss',
    ...{ restarts: restarts ?? 0, port: port ?? 5000, exit: null, command: 'x' },
  };
}

const SHOP: readonly InstanceSnapshot[] = [
  row('web.1', 'running', [4101, 12.3, 120 * MIB, 5, 0, 5000]),
  row('web.2', 'running', [4102, 250, 98.5 * MIB, 192, 0, 5001]),
  row('worker.1', 'backoff', [null, null, null, null, 3, 5100]),
  row('worker.2', 'running', [4104, 0, 64 * MIB, 7500, 1, 5101]),
  row('mailer.1', 'failed', [null, null, null, null, 5, 5200]),
  row('clock.1', 'starting', [4106, 1, 8 * MIB, 0, 0, 5300]),
  row('search.1', 'stopping', [4107, 99.9, 1.5 * 1024 * MIB, 86_400, 0, 5400]),
  row('proxy.1', 'running', [4108, 3.2, 12 * MIB, 273_600, 12, 5500]),
  row('css.1', 'exited', [null, null, null, null, 0, 5600]),
  row('js.1', 'stopped', [null, null, null, null, 0, 5700]),
];

const message = (processes: readonly InstanceSnapshot[]): StatsMessage => ({
  time: '2026-01-02T03:04:05Z',
  processes,
  history: {
    'web.1': { cpu: [0, 50, 100, null, 12.3], memory: [30 * MIB, 60 * MIB, 90 * MIB, null, 120 * MIB] },
    'web.2': { cpu: [0, 125, 250], memory: [1, 1, 1] },
  },
});

const LOG: TopEvent = {
  type: 'log',
  source: 'web.1',
  skipped: 0,
  lines: [
    { text: 'listening on http://localhost:5000' },
    { missed: 12 },
    { text: 'GET /漢字/🚀 200' },
    { text: `GET /${'long/'.repeat(20)}end 200` },
  ],
};

const key = (name: string): TopEvent => ({ type: 'key', key: name });

function modelAfter(size: TopSize, ...events: readonly TopEvent[]): TopModel {
  const all: readonly TopEvent[] = [{ type: 'stats', message: message(SHOP), nowMs: 0 }, LOG, ...events];
  return all.reduce(
    (model, event) => stepTop(model, event).model,
    newTop({ root: '/home/ann/shop', pid: 4100 }, size, 0),
  );
}

const frame = (size: TopSize, ...events: readonly TopEvent[]): readonly string[] =>
  renderTop(modelAfter(size, ...events), size, plainTheme).map((line) => line.trimEnd());

const USUAL: TopSize = { columns: 80, rows: 24 };

test('80x24 shows everything of ten processes', () => {
  expect(frame(USUAL)).toEqual([
    'procsup /home/ann/shop (pid 4100)    4/10 running  CPU 366%  MEM 1.80G  03:04:05',
    '  NAME      STATE      PID    CPU  0-250%      MEM  0-1.50G   RST   UPTIME  PORT',
    '> web.1     running   4101  12.3%     ▁▂▄ ▁   120M     ▁▁▁ ▂    0       5s  5000',
    '  web.2     running   4102   250%       ▁▅█  98.5M       ▁▁▁    0    3m12s  5001',
    '  worker.1  backoff      -      -                -              3        -  5100',
    '  worker.2  running   4104   0.0%         ▁  64.0M         ▁    1    2h05m  5101',
    '  mailer.1  failed       -      -                -              5        -  5200',
    '  clock.1   starting  4106   1.0%         ▁  8.00M         ▁    0       0s  5300',
    '  search.1  stopping  4107  99.9%         ▄  1.50G         █    0    1d00h  5400',
    '  proxy.1   running   4108   3.2%         ▁  12.0M         ▁   12    3d04h  5500',
    '  css.1     exited       -      -                -              0        -  5600',
    '  js.1      stopped      -      -                -              0        -  5700',
    ' cpu 0-250%                       ▁▂▄ ▁  mem 0-1.50G                       ▁▁▁ ▂',
    `── web.1 ${'─'.repeat(71)}`,
    'listening on http://localhost:5000',
    '(dropped 12 lines)',
    'GET /漢字/🚀 200',
    `GET /${'long/'.repeat(14)}long…`,
    ...['', '', '', '', ''],
    ' r restart  s stop  t start  x kill  / search  a all  Enter log  ? help  q quit',
  ]);
});

test('40x8, the smallest', () => {
  expect(frame({ columns: 40, rows: 8 })).toEqual([
    'CPU 366%  MEM 1.80G  03:04:05',
    '  NAME      STATE       CPU    MEM',
    '> web.1     running   12.3%   120M',
    '  web.2     running    250%  98.5M',
    '── web.1 ───────────────────── 2 above ─',
    'GET /漢字/🚀 200',
    'GET /long/long/long/long/long/long/long…',
    ' r restart  s stop  ? help  q quit',
  ]);
});

describe('a process that waits', () => {
  const waiting = (waitsFor: InstanceSnapshot['waitsFor']): TopEvent => ({
    type: 'stats',
    message: message([
      { ...row('web.1', 'waiting', []), waited: 72.4, ...(waitsFor && { waitsFor }) },
      row('worker.1', 'running', [4104, 0, 64 * MIB, 7500, 1, 5101]),
    ]),
    nowMs: 0,
  });
  const needs = waiting([
    { process: 'db', until: 'ready' },
    { cap: 'io', usedBy: ['worker.1', 'search.1'] },
  ]);

  test('shows what it waits for and for how long, and all of it when it is selected', () => {
    const lines = frame({ columns: 120, rows: 24 }, needs);
    expect(lines[2]).toMatch(/^> web\.1 {5}waiting 1m12s \(db, cap io\) /);
    expect(lines).toContain(
      ' web.1 is waiting for db (ready), cap io (used by worker.1, search.1), for 1m12s now',
    );
    const other = frame({ columns: 120, rows: 24 }, needs, key('down')).join('\n');
    expect(other).not.toContain('is waiting for');
    expect(other).toContain(' cpu 0-');
  });

  test('takes a quarter of the width at most', () => {
    const lines = frame(USUAL, needs);
    expect(lines[2]).toMatch(/^> web\.1 {5}waiting 1m12s \(db, … /);
    expect(lines[3]).toMatch(/^ {2}worker\.1 {2}running {15}4104 /);
    expect(frame({ columns: 40, rows: 8 }, needs)[2]).toMatch(/^> web\.1 {5}waiting {2,}-/);
  });

  test('is only waiting where nothing tells for what', () => {
    const lines = frame(USUAL, waiting(undefined));
    expect(lines[2]).toMatch(/^> web\.1 {5}waiting {4,}-/);
    expect(lines.join('\n')).toContain(' cpu 0-');
  });
});

test('smaller still', () => {
  expect(frame({ columns: 39, rows: 3 })).toEqual(['39x3 is too small (min. 40x8)', '', '']);
  expect(frame({ columns: 4, rows: 1 })).toEqual(['4x1']);
});

test('200x50: wider graphs, and the time of each line', () => {
  const lines = frame(
    { columns: 200, rows: 50 },
    { type: 'log', source: 'web.1', skipped: 0, lines: [{ text: 'timed', time: '2026-01-02T03:04:06Z' }] },
  );
  expect(lines.length).toBe(50);
  expect(lines.slice(0, 4)).toEqual([
    `procsup /home/ann/shop (pid 4100)${' '.repeat(124)}4/10 running  CPU 366%  MEM 1.80G  03:04:05`,
    `  NAME      STATE      PID    CPU  0-250%${' '.repeat(36)}MEM  0-1.50G${' '.repeat(34)}RST   UPTIME  PORT  LISTENS  COMMAND`,
    `> web.1     running   4101  12.3%  ${' '.repeat(33)}▁▂▄ ▁   120M  ${' '.repeat(34)}▁▁▁ ▂    0       5s  5000        -  x`,
    `  web.2     running   4102   250%  ${' '.repeat(35)}▁▅█  98.5M  ${' '.repeat(36)}▁▁▁    0    3m12s  5001        -  x`,
  ]);
  expect(lines[18]).toBe('03:04:06 timed');
});

describe('more than the screen has room for', () => {
  const crowd = Array.from({ length: 40 }, (_, index) =>
    row(index === 20 ? `${'long-'.repeat(12)}.1` : `p${index}.1`, 'running', [
      100 + index,
      1,
      MIB,
      1,
      0,
      5000,
    ]),
  );
  const output: TopEvent = {
    ...{ type: 'log', source: ALL_OUTPUT, skipped: 0 },
    lines: Array.from({ length: 100 }, (_, index) => ({
      name: index % 2 === 0 ? 'p3.1' : 'system',
      text: index % 2 === 0 ? `漢字 ${index}` : 'p3.1 restarts',
    })),
  };
  const at = (size: TopSize, ...events: readonly TopEvent[]): readonly string[] => {
    const all: readonly TopEvent[] = [
      { type: 'stats', message: { time: '2026-01-02T03:04:05Z', processes: crowd }, nowMs: 0 },
      ...[key('a'), output, ...Array.from({ length: 21 }, () => key('down')), ...events],
    ];
    const model = all.reduce(
      (one, event) => stepTop(one, event).model,
      newTop({ root: '/r', pid: 1 }, size, 0),
    );
    return renderTop(model, size, plainTheme).map((line) => line.trimEnd());
  };

  test('40x10', () => {
    expect(at({ columns: 40, rows: 10 })).toEqual([
      'CPU 40.0%  MEM 40.0M  03:04:05',
      '  NAME        STATE       CPU    MEM',
      '  long-long…  running    1.0%  1.00M',
      '> p21.1       running    1.0%  1.00M',
      '  p22.1       running    1.0%  1.00M',
      '  20 above, 17 below',
      '── all output ─────────────── 98 above ─',
      'p3.1       | 漢字 98',
      'system     | p3.1 restarts',
      ' r restart  s stop  ? help  q quit',
    ]);
  });

  test('80x24: a name takes a quarter of the width', () => {
    const lines = at(USUAL, key('['));
    expect(lines[1]).toBe('  NAME                  STATE     PID    CPU  0-100%           MEM  RST   UPTIME');
    expect(lines.find((line) => line.includes('long-'))).toMatch(/^ {2}long-long-long-long…  running /);
    expect(lines).toContain('  15 above, 12 below');
    expect(lines.find((line) => line.startsWith('──'))).toMatch(
      /^── all output ─+ paused \(0 new\), 1 below, 94 above ─$/,
    );
    expect(lines.at(-2)).toBe('p3.1                 | 漢字 98');
  });

  test('200x60: everything of the table, and the commands', () => {
    const lines = at({ columns: 200, rows: 60 });
    expect(lines[1]).toMatch(/COMMAND$/);
    const name = `  ${'long-'.repeat(9)}long…  running `;
    expect(lines.filter((line) => line.startsWith(name)).length).toBe(1);
    expect(lines).toContain('  3 above');
    expect(lines.at(-1)).toBe(
      ' r restart  s stop  t start  x kill  / search  a all  Enter log  ? help  q quit',
    );
  });

  test('the full log has the whole screen', () => {
    const lines = at(USUAL, key('enter'));
    expect(lines.length).toBe(24);
    expect(lines[1]).toMatch(/^── all output ─+ 79 above ─$/);
    expect(lines.slice(2, 4)).toEqual([
      'system               | p3.1 restarts',
      'p3.1                 | 漢字 80',
    ]);
    expect(lines.at(-1)).toBe(' Esc back  / search  a all  g first  G last  PgUp  PgDn  w wrap  ? help');
    expect(at(USUAL, key('enter'), key('page-up'), key('k'))[1]).toMatch(/ 22 below, 57 above ─$/);
    expect(at(USUAL, key('enter'), key('g'))[1]).toMatch(/ 79 below ─$/);
    expect(at(USUAL, key('enter'), key('g'), key('G'))[1]).toMatch(/─ 79 above ─$/);
  });

  test('names of all output have the colors of the table', () => {
    const model = [key('a'), output].reduce(
      (one, event) => stepTop(one, event).model,
      stepTop(newTop({ root: '/r', pid: 1 }, USUAL, 0), {
        ...{ type: 'stats', message: message(SHOP.slice(2, 4)), nowMs: 0 },
      }).model,
    );
    const named = stepTop(model, {
      ...{ type: 'log', source: ALL_OUTPUT, skipped: 0 },
      lines: [{ name: 'worker.1', text: 'x' }],
    }).model;
    const lines = renderTop(named, USUAL, createTheme(true));
    expect(lines.at(-2)).toBe('\x1b[36mworker.1 |\x1b[39m x');
    expect(lines.at(-3)).toBe('\x1b[2msystem   |\x1b[22m p3.1 restarts');
  });
});

test('the log marks where a run ends and the next one begins', () => {
  const time = '2026-01-02T10:11:12.000Z';
  const marks: TopEvent = {
    ...{ type: 'log', source: 'web.1', skipped: 0 },
    lines: [
      { time, mark: { of: 'end', text: 'exited with status 1' } },
      { time, mark: { of: 'start', text: 'started (pid 7)' } },
    ],
  };
  const lines = frame(USUAL, marks);
  expect(lines.slice(18, 20)).toEqual([
    `── exited with status 1 at 10:11:12 ${'─'.repeat(44)}`,
    `── started (pid 7) at 10:11:12 ${'─'.repeat(49)}`,
  ]);
});

describe('the last line', () => {
  const last = (...events: readonly TopEvent[]): string | undefined => frame(USUAL, ...events).at(-1);
  const narrow = { columns: 40, rows: 10 };
  test.each([
    [[key('f'), key('w'), key('e')], ' filter: we_  Enter keep  Esc clear'],
    [
      [key('f'), key('w'), key('enter')],
      ' filter: w  r restart  s stop  t start  x kill  / search  a all  ? help  q quit',
    ],
    [[key('x')], ' web.1: [1 TERM] 2 KILL  3 INT  4 HUP  5 USR1  6 USR2  Esc cancel'],
    [[key('x'), key('down')], ' web.1:  1 TERM [2 KILL] 3 INT  4 HUP  5 USR1  6 USR2  Esc cancel'],
    [[key('r')], ' restarting web.1 ...'],
    [[{ type: 'acted', sentence: 'bad \x1b[2J end' } as const], ' bad ␛[2J end'],
  ])('%j: %s', (events, text) => {
    expect(last(...events)).toBe(text);
  });

  test('the chosen signal is seen however narrow it is', () => {
    expect(frame(narrow, key('x'), key('up')).at(-1)).toContain('[6 USR2]');
  });
});

test('filtered: only those, and the selection is one of them', () => {
  const lines = frame(USUAL, key('f'), key('k'), key('e'));
  expect(lines.slice(2, 5)).toEqual([
    '> worker.1  backoff      -      -                -              3        -  5100',
    '  worker.2  running   4104   0.0%         ▁  64.0M         ▁    1    2h05m  5101',
    ' cpu 0-250%                              mem 0-1.50G',
  ]);
  expect(frame(USUAL, key('f'), key('z'))[2]).toBe("  no process matches 'z'");
});

test('the order is marked', () => {
  const [, heads = '', first = ''] = frame(USUAL, key('c'));
  expect(heads).toContain('CPU*');
  expect(first).toContain('web.2');
});

test('a table higher than its room shows the selected', () => {
  const lines = frame({ columns: 40, rows: 8 }, key('end'));
  expect(lines.slice(2, 4)).toEqual([
    '  css.1     exited        -      -',
    '> js.1      stopped       -      -',
  ]);
});

test('resident memory is marked, in its row and in the sum', () => {
  const [web, ...others] = SHOP.slice(0, 3);
  const processes = web === undefined ? [] : [{ ...web, memoryKind: 'rss' as const }, ...others];
  const { model } = stepTop(newTop({ root: '/srv', pid: 1 }, USUAL, 0), {
    ...{ type: 'stats', message: message(processes), nowMs: 0 },
  });
  const lines = renderTop(model, USUAL, plainTheme);
  expect(lines[0]).toContain('MEM 219M*');
  expect(lines[2]).toContain(' 120M*');
  expect(lines[3]).toMatch(/ 98\.5M /);
});

test('help', () => {
  const lines = frame(USUAL, key('?'));
  expect(lines.slice(0, 5)).toEqual([
    ' Keys of procsup top',
    ' up down j k     select',
    ' r s t           restart, stop, start',
    ' x               send a signal',
    ' a               output of all, or of one',
  ]);
  expect(lines.join('\n')).toContain(' 99M*: resident memory; shared memory is counted for each process.');
  expect(lines.at(-1)).toBe(' press any key to go back');
});

test.each([
  [40, 8, ['select', 'restart, stop, start', 'search the output']],
  [80, 24, ['next, previous match', 'attach to its terminal', 'filter by name', 'quit']],
  [200, 60, ['next, previous match', 'attach to its terminal', 'filter by name', 'quit']],
])('help at %ix%i', (columns, rows, meanings) => {
  const text = frame({ columns, rows }, key('?')).join('\n');
  for (const meaning of meanings) expect(text).toContain(meaning);
});

test('a supervisor that says nothing', () => {
  const at = (nowMs: number): string | undefined => frame(USUAL, { type: 'tick', nowMs })[0];
  expect(at(3000)).toMatch(/ {2}03:04:05$/);
  expect(at(3001)).toMatch(/ {2}no response for 3s$/);
  expect(frame({ columns: 40, rows: 8 }, { type: 'tick', nowMs: 125_000 })[0]).toMatch(
    /no response for 125s$/,
  );
});

test('before the first message', () => {
  const lines = renderTop(newTop({ root: '/r', pid: 1 }, USUAL, 0), USUAL, plainTheme);
  expect(lines[0]?.trimEnd()).toBe('procsup /r (pid 1)');
  expect(lines[2]).toBe('  waiting for the supervisor');
});

test('resized, it is the frame of the new size', () => {
  const small = { columns: 40, rows: 8 };
  const model = modelAfter(USUAL, { type: 'resize', size: small });
  expect(renderTop(model, model.size, plainTheme)).toEqual(renderTop(modelAfter(small), small, plainTheme));
});

describe('the log', () => {
  const many: TopEvent = {
    type: 'log',
    source: 'web.1',
    skipped: 0,
    lines: Array.from({ length: 30 }, (_, index) => ({ text: `line ${index}` })),
  };
  const pane = (...events: readonly TopEvent[]): readonly string[] => frame(USUAL, ...events).slice(13, 23);

  test('paused', () => {
    const lines = pane(many, key(' '), { ...LOG });
    expect(lines[0]).toBe(`── web.1 ${'─'.repeat(44)} paused (4 new), 25 above ─`);
    expect(lines.at(-1)).toBe('line 29');
  });

  test('looked back at', () => {
    const lines = pane(many, key('['), key('['), key('['));
    expect(lines[0]).toMatch(/ paused \(0 new\), 3 below, 22 above ─$/);
    expect(lines.at(-1)).toBe('line 26');
  });

  test('wrapped', () => {
    const lines = pane(key('w'));
    expect(lines[0]).toMatch(/ wrapped ─$/);
    expect(lines.slice(4, 6)).toEqual([`GET /${'long/'.repeat(15)}`, `${'long/'.repeat(5)}end 200`]);
  });

  test('off', () => {
    expect(frame(USUAL, key('l'), key('l')).join('\n')).not.toContain('── web.1');
  });
});

test('with colours: states, processes, the selected; the same text', () => {
  const model = modelAfter(USUAL);
  const coloured = renderTop(model, USUAL, createTheme(true));
  expect(coloured[6]).toContain('\x1b[31mfailed\x1b[39m');
  expect(coloured[4]).toContain('\x1b[33mbackoff\x1b[39m');
  expect(coloured[2]).toContain('\x1b[1m\x1b[36mweb.1\x1b[39m\x1b[22m');
  const bare = coloured.map((line) => line.replace(/\x1b\[[\d;]*m/g, ''));
  expect(bare).toEqual(renderTop(model, USUAL, plainTheme));
});

test('in ASCII there is nothing else of ours', () => {
  const model = [key('['), key('w')].reduce(
    (one, event) => stepTop(one, event).model,
    stepTop(newTop({ root: '/r', pid: 1 }, USUAL, 0), { type: 'stats', message: message(SHOP), nowMs: 0 })
      .model,
  );
  expect(renderTop(model, USUAL, plainTheme, { ascii: true }).join('')).toMatch(/^[\x20-\x7e]*$/);
});

describe('whatever there is to show', () => {
  const states = ['starting', 'running', 'stopping', 'stopped', 'backoff', 'exited', 'failed'] as const;
  const amount = fc.option(fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true })));
  const instances = fc.uniqueArray(
    fc.record({
      name: fc.oneof(fc.string({ maxLength: 70 }), fc.constantFrom('web.1', '漢字漢字.1', '🚀'.repeat(30))),
      process: fc.constantFrom('a', 'b'),
      instance: fc.nat(),
      state: fc.constantFrom(...states),
      ready: fc.boolean(),
      pid: fc.option(fc.nat()),
      cpu: amount,
      memory: amount,
      memoryKind: fc.constantFrom('pss', 'rss', null),
      uptime: amount,
      restarts: fc.nat(),
      port: fc.nat(65_535),
      exit: fc.constant(null),
      command: fc.string(),
    }),
    { selector: ({ name }) => name, maxLength: 40 },
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          '漢',
          '🚀',
          '\x1b[31m',
          '\x1b[2J',
          '\t',
          '\r',
          'e\u0301',
          '\ufe0f',
          '\x1b',
          '\x9b',
        ),
        {
          maxLength: 200,
        },
      )
      .map((parts) => parts.join('')),
  );
  const keys = fc.array(
    fc.constantFrom(
      ...[
        'up',
        'down',
        'page-down',
        'home',
        'end',
        'r',
        's',
        'x',
        '/',
        'escape',
        'enter',
        'backspace',
        'c',
        'm',
      ],
      ...['n', 'u', 'l', 'w', ' ', '[', ']', '?', 'q', '1', 'shift-up', '漢', 'f', 'a', 'N', 'g', 'G'],
    ),
    { maxLength: 12 },
  );
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 220 }),
    rows: fc.integer({ min: 1, max: 60 }),
  });

  test('exactly so many lines, none too wide, no controls but colours', () => {
    const theme = createTheme(true);
    const property = fc.property(
      ...([instances, fc.array(text, { maxLength: 30 }), keys, size, fc.nat(10_000), text] as const),
      (processes, texts, pressed, at, nowMs, sentence) => {
        let model = newTop({ root: sentence, pid: 1 }, at, 0);
        const happen = (event: TopEvent): void => void ({ model } = stepTop(model, event));
        happen({ type: 'stats', message: { time: 'never', processes }, nowMs: 0 });
        const log = texts.map((one) => ({ text: one, time: '2026-01-02T03:04:05Z' }));
        happen({ type: 'log', source: model.selected ?? '', skipped: 0, lines: log });
        if (nowMs % 3 === 0) happen({ type: 'acted', sentence });
        for (const one of pressed) happen(key(one));
        happen({ type: 'tick', nowMs });
        const lines = renderTop(model, at, theme, { ascii: nowMs % 2 === 0 });
        expect(lines.length).toBe(at.rows);
        for (const line of lines) {
          expect(cellWidth(line)).toBeLessThanOrEqual(at.columns);
          expect(line.replace(/\x1b\[[\d;:]*m/g, '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
