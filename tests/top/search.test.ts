import { describe, expect, test } from 'vitest';
import type { InstanceSnapshot } from '../../src/core/snapshot.ts';
import { MOST_LOG_LINES } from '../../src/top/log.ts';
import { ALL_OUTPUT, newTop, type TopEvent, type TopModel } from '../../src/top/model.ts';
import { renderTop } from '../../src/top/screen.ts';
import { currentLine, matcherOf } from '../../src/top/search.ts';
import { stepTop } from '../../src/top/step.ts';
import { plainTheme } from '../../src/ui/paint.ts';

const instance = (name: string): InstanceSnapshot => ({
  ...{ name, process: name, instance: 1, state: 'running', ready: true, pid: 1, cpu: 1, memory: 1000 },
  ...{ memoryKind: 'pss', uptime: 1, restarts: 0, port: 5000, exit: null, command: 'x' },
});
const stats: TopEvent = {
  type: 'stats',
  nowMs: 0,
  message: { time: '2026-01-02T03:04:05Z', processes: ['a', 'b'].map(instance) },
};
const key = (name: string): TopEvent => ({ type: 'key', key: name });
const keys = (text: string): readonly TopEvent[] => Array.from(text, key);
const log = (texts: readonly string[], source = 'a'): TopEvent => ({
  ...{ type: 'log', source, skipped: 0 },
  lines: texts.map((text) => ({ text, name: 'a' })),
});
/** Every tenth line has an `Error`. */
const LINES = Array.from({ length: 100 }, (_, index) => `${index} ${index % 10 === 5 ? 'Error' : 'fine'}`);

function after(...events: readonly TopEvent[]): TopModel {
  const first = newTop({ root: '/r', pid: 1 }, { columns: 80, rows: 24 }, 0);
  return events.reduce((model, event) => stepTop(model, event).model, first);
}
const searched = (...events: readonly TopEvent[]): TopModel => after(stats, log(LINES), key('/'), ...events);
const frame = (model: TopModel): readonly string[] => renderTop(model, model.size, plainTheme);
const headOf = (model: TopModel): string | undefined => frame(model).find((line) => line.startsWith('──'));
const textAt = (model: TopModel): string | undefined => model.log.lines[currentLine(model) ?? -1]?.text;

test.each([
  ['err', 'An ERROR', ['ERR']],
  ['Err', 'An ERROR, an Error', ['Err']],
  ['a.c', 'abc a.c A.C', ['a.c', 'A.C']],
  ['(', 'f(x)', ['(']],
  ['\\d[0-9]{2}', '12 \\d[0-9]{2}', ['\\d[0-9]{2}']],
  ['é', 'CAFÉ', ['É']],
  ['漢', '漢字', ['漢']],
  ['/-', 'a/-b', ['/-']],
])('%s in %s: %j', (pattern, text, found) => {
  expect(text.match(matcherOf(pattern) ?? /$^/)).toEqual(found);
});

test('nothing is found by an empty pattern', () => {
  expect(matcherOf('')).toBeUndefined();
});

describe('the pattern', () => {
  test.each<[string, readonly TopEvent[], string | undefined, string]>([
    ['goes to the last match, while it is typed', keys('err'), '95 Error', "'err' 10/10"],
    ['a capital counts', keys('ERR'), undefined, "'ERR' not found"],
    ['the keys of the table are text', keys('qanN'), undefined, "'qanN' not found"],
    ['backspace goes back', [...keys('errx'), key('backspace')], '95 Error', "'err' 10/10"],
    ['ctrl-u begins again', [...keys('x'), key('ctrl-u'), ...keys('95')], '95 Error', "'95' 1/1"],
    ['Enter keeps it', [...keys('err'), key('enter')], '95 Error', "'err' 10/10"],
    ['N is the match before', [...keys('err'), key('enter'), key('N'), key('N')], '75 Error', "'err' 8/10"],
    ['n is the next', [...keys('err'), key('enter'), ...keys('NNn')], '85 Error', "'err' 9/10"],
    [
      'after the first comes the last',
      [...keys('5 err'), key('enter'), ...keys('N'.repeat(10))],
      '95 Error',
      "'5 err' 10/10",
    ],
    ['after the last comes the first', [...keys('err'), key('enter'), key('n')], '5 Error', "'err' 1/10"],
  ])('%s', (_what, events, text, note) => {
    const model = searched(...events);
    expect(textAt(model)).toBe(text);
    expect(headOf(model)).toContain(note);
    if (text !== undefined)
      expect(
        frame(model)
          .join('\n')
          .replace(/\x1b\[[\d;]*m/g, ''),
      ).toContain(text);
  });

  test('is shown while it is typed, and the keys after it', () => {
    expect(frame(searched(...keys('err'))).at(-1)).toBe(' /err_  Enter keep  Esc end');
    expect(frame(searched(...keys('err'), key('enter'))).at(-1)).toMatch(/^ n next {2}N previous {2}Esc end/);
  });

  test.each<[string, readonly TopEvent[]]>([
    ['Esc while it is typed', [...keys('err'), key('escape')]],
    ['Esc after it was kept', [...keys('err'), key('enter'), key('escape')]],
    ['Enter without one', [key('enter')]],
    ['backspace beyond its beginning', [...keys('e'), key('backspace'), key('backspace')]],
  ])('%s ends the search, and the log follows again', (_what, events) => {
    const model = searched(log(['newer']), ...events);
    expect([model.search, model.mode.type, model.log.paused, model.log.scroll]).toEqual([
      ...[undefined, 'table', undefined, 0],
    ]);
    expect(model.log.lines.at(-1)?.text).toBe('newer');
  });

  test('a log that was paused before remains so', () => {
    const model = after(stats, log(LINES), key(' '), key('/'), ...keys('err'), key('escape'));
    expect([model.search, model.log.paused?.count]).toEqual([undefined, 0]);
  });

  test('n and N without one say so', () => {
    for (const pressed of ['n', 'N'])
      expect(after(stats, key(pressed)).status?.text).toBe('no search: type / and a pattern');
  });

  test('Ctrl-C quits while it is typed', () => {
    const { effects } = stepTop(searched(...keys('err')), key('ctrl-c'));
    expect(effects).toEqual([{ type: 'quit', status: 0 }]);
  });

  test('needs a log that is seen', () => {
    const model = after(stats, key('l'), key('l'), key('/'));
    expect([model.mode.type, model.status?.text]).toEqual([
      ...['table', 'no log to search: l shows it, Enter in full'],
    ]);
  });
});

describe('while lines still come', () => {
  test('the view stands still, and tells how many have come', () => {
    const before = searched(...keys('err'), key('enter'), key('N'));
    const model = stepTop(before, log(['96 Error', 'more'])).model;
    expect(headOf(model)).toContain("'err' 9/10, paused (2 new)");
    expect(frame(model).slice(6)).toEqual(
      frame(before)
        .map((line) => line.replace('(0 new)', '(2 new)').replace("─ 'err", " 'err"))
        .slice(6),
    );
  });

  test('n goes on among them after the last match', () => {
    const model = searched(...keys('err'), key('enter'), log(['x', 'new Error']), key('n'));
    expect(textAt(model)).toBe('new Error');
    expect(headOf(model)).toContain("'err' 11/11, paused (0 new)");
  });

  test('n finds the right one where the oldest lines are not kept any more', () => {
    const many = Array.from({ length: MOST_LOG_LINES - 50 }, (_, index) => `more ${index}`);
    const model = searched(...keys('err'), key('enter'), log([...many, 'new Error']), key('n'));
    expect(model.log.lines.length).toBe(MOST_LOG_LINES);
    expect(textAt(model)).toBe('new Error');
  });

  test('a log that has nothing yet takes what comes, and searches it', () => {
    const model = after(stats, key('/'), ...keys('err'), log(LINES));
    expect([textAt(model), model.log.lines.length]).toEqual(['95 Error', 100]);
    expect(headOf(model)).toContain("'err' 10/10");
  });

  test('followed again, matches are shown and not counted; N pauses and counts', () => {
    const events = [...keys('err'), key('enter'), key(' '), log(['101 Error'])];
    const model = searched(...events);
    expect(model.log.paused).toBeUndefined();
    expect(headOf(model)).toMatch(/ 'err', \d+ above ─$/);
    expect(frame(model).join('\n')).toContain('101 \x1b[7mErr\x1b[27mor');
    const again = searched(...events, key('N'));
    expect([textAt(again), again.log.paused?.count]).toEqual(['101 Error', 0]);
    expect(headOf(again)).toContain("'err' 11/11");
  });
});

describe('the match is seen', () => {
  const top = searched(...keys('5 err'), key('enter'), ...keys('NNNNNN'));
  test.each<[string, readonly TopEvent[]]>([
    ['in the middle, if it was out of sight', []],
    ['in a smaller window', [{ type: 'resize', size: { columns: 40, rows: 10 } }]],
    ['in a larger one', [{ type: 'resize', size: { columns: 200, rows: 60 } }]],
    ['in the full log', [key('enter')]],
    ['back from it', [key('enter'), key('q')]],
    ['in a large log', [key('l')]],
    ['with long lines wrapped', [key('w')]],
  ])('%s', (_what, events) => {
    const model = events.reduce((one, event) => stepTop(one, event).model, top);
    const found = frame(model).filter((line) => line.includes('3\x1b[1;4;7m5 Err\x1b[22;24;27mor'));
    expect(found.length).toBe(1);
  });
});

test('in the output of all, too', () => {
  const texts = ['x Error', 'y'];
  const model = after(stats, key('a'), log(texts, ALL_OUTPUT), key('/'), ...keys('err'));
  expect(textAt(model)).toBe('x Error');
  expect(frame(model).join('\n')).toContain('a      | x \x1b[1;4;7mErr\x1b[22;24;27mor');
});

test('another process, another log, the same pattern', () => {
  const model = searched(...keys('err'), key('enter'), key('j'), log(['b has an ERR'], 'b'));
  expect(model.log.paused).toBeUndefined();
  expect(frame(model).join('\n')).toContain('b has an \x1b[7mERR\x1b[27m');
});
