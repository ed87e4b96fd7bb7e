import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { HeldThing } from '../../src/core/exchange/held.ts';
import { newTop, type TopEvent, type TopSize } from '../../src/top/model.ts';
import { renderTop } from '../../src/top/screen.ts';
import { stepTop } from '../../src/top/step.ts';
import { plainTheme } from '../../src/ui/paint.ts';

beforeAll(() => void vi.stubEnv('TZ', 'UTC'));
afterAll(() => void vi.unstubAllEnvs());

const queue = (name: string): HeldThing => ({
  ...({ kind: 'queue', name, ready: 3, delayed: 0, leased: 1, dead: 2 } as const),
  ...{ readers: 0, writers: 4, maxsize: 10, paused: true, store: 'sqlite' },
});
const LOCK: HeldThing = {
  ...({ kind: 'lock', name: 'deploy', slots: 2, held: 2, waiting: 1, abandoned: false } as const),
  holders: [{ pid: 4711, command: 'lock deploy -- ./x\u001b[2J' }],
};
const MEMORY: HeldThing = {
  ...({ kind: 'memory', name: 'frames', bytes: 65_536, path: '/dev/shm/p/frames' } as const),
  since: '2026-01-02T03:04:05.000Z',
};

const SIZE: TopSize = { columns: 80, rows: 12 };
const key = (name: string): TopEvent => ({ type: 'key', key: name });
const heard = (things: readonly HeldThing[], isCut = false): TopEvent => ({
  type: 'held',
  held: { things, isCut },
});

function after(...events: readonly TopEvent[]) {
  let model = newTop({ root: '/r', pid: 1 }, SIZE, 0);
  let effects: unknown = [];
  for (const event of events) ({ model, effects } = stepTop(model, event));
  return { model, effects, lines: renderTop(model, SIZE, plainTheme).map((line) => line.trimEnd()) };
}

test('of nothing there is no key, and the key says so', () => {
  expect(after(heard([])).lines.at(-1)).not.toContain('exchange');
  const { model, lines } = after(heard([]), key('e'));
  expect(model.mode).toEqual({ type: 'table' });
  expect(lines.at(-1)).toBe(' no queues, locks or shared memory');
});

test('e shows a section for each kind, and asks for all at once', () => {
  expect(after(heard([queue('mail')])).lines.at(-1)).toContain(' e exchange ');
  const { effects, lines } = after(heard([MEMORY, LOCK, queue('mail')]), key('e'));
  expect(effects).toEqual([{ type: 'ask-held' }]);
  expect(lines.slice(1)).toEqual([
    ' QUEUE  READY  DELAYED  LEASED  DEAD  READERS  STORE   NOTES',
    ' mail       3        0       1     2        0  sqlite  paused, at most 10, 4 wa…',
    '',
    ' LOCK    HELD  WAITING  HOLDER',
    ' deploy   2/2        1  4711 lock deploy -- ./x␛[2J and 1 more',
    '',
    ' SHARED MEMORY   SIZE  SINCE                PATH',
    ' frames         64KiB  2026-01-02 03:04:05  /dev/shm/p/frames',
    '',
    '',
    ' Esc back  up down  PgUp PgDn',
  ]);
});

test('says where there is more than is shown, and where nothing is left', () => {
  const open = [heard([queue('mail')]), key('e')];
  expect(after(...open, heard([queue('a')], true)).lines).toContain(" there is more: see 'procsup ps --all'");
  expect(after(...open, heard([])).lines[1]).toBe(' nothing is left');
});

const MANY = Array.from({ length: 30 }, (_, index) => queue(`q${String(index + 10)}`));

test.each([
  [[], 'QUEUE', 'q18'],
  [['down'], 'q10', 'q19'],
  [['j', 'j', 'k'], 'q10', 'q19'],
  [['up'], 'QUEUE', 'q18'],
  [['page-down'], 'q19', 'q28'],
  [['page-down', 'page-up'], 'QUEUE', 'q18'],
  [['end'], 'q30', 'q39'],
  [['G', 'down'], 'q30', 'q39'],
  [['end', 'home'], 'QUEUE', 'q18'],
  [['x', 'r', '/'], 'QUEUE', 'q18'],
] as const)('%j', (keys, first, last) => {
  const { lines } = after(heard(MANY), key('e'), ...keys.map(key));
  expect(lines[1]).toMatch(new RegExp(`^ ${first} `));
  expect(lines.at(-2)).toMatch(new RegExp(`^ ${last} `));
});

test('of less than there was, the last lines are shown', () => {
  const { lines } = after(heard(MANY), key('e'), key('end'), heard(MANY.slice(0, 12)));
  expect(lines.at(-2)).toMatch(/^ q21 /);
});

test.each(['escape', 'q', 'e', 'enter'])('%s leaves it', (name) => {
  expect(after(heard(MANY), key('e'), key(name)).model.mode).toEqual({ type: 'table' });
});
