import { describe, expect, test } from 'vitest';
import { followEvents, followLogs, followStats } from '../../src/control/flows.ts';
import type { Lines } from '../../src/control/route.ts';
import { createFakeDesk, logLine, snapshotFor } from '../helpers/fake-desk.ts';

const ASK = { names: [], lines: null, sinceMs: null };

/** Lets everything happen that needs nobody from outside. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A reader that takes everything, until it is told to be slow: then one line with each `take`. */
function createReader() {
  const lines: unknown[] = [];
  const gone = new AbortController();
  let isSlow = false;
  let wake: (() => void) | undefined;
  const sink: Lines = {
    write: (value) => gone.signal.aborted || (lines.push(value) > 0 && !isSlow),
    ready: () =>
      new Promise((resolve) => {
        if (gone.signal.aborted) return resolve();
        wake = resolve;
      }),
  };
  return {
    sink,
    lines,
    gone: gone.signal,
    texts: () => lines.map((line) => (line as { text?: string }).text ?? line),
    beSlow: () => void (isSlow = true),
    take: async () => {
      wake?.();
      await settle();
    },
    beFast() {
      isSlow = false;
      wake?.();
    },
    leave() {
      gone.abort();
      wake?.();
    },
  };
}

describe('logs', () => {
  test('the past, its end, then what is new, until the reader goes', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    desk.past = [[logLine('1'), logLine('2')], [logLine('3')]];
    const over = followLogs(desk, ASK, true, reader.sink, reader.gone);
    // New while the past is still read: it comes after it.
    desk.print(logLine('4'));
    await settle();
    desk.print(logLine('5'), logLine('6'));
    await settle();
    expect(reader.texts()).toEqual(['1', '2', '3', { past: 'over' }, '4', '5', '6']);
    reader.leave();
    await over;
    expect(desk.openCount).toBe(0);
  });

  test('without following: the past and its end', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    desk.past = [[logLine('1')]];
    await followLogs(desk, ASK, false, reader.sink, reader.gone);
    expect(reader.texts()).toEqual(['1', { past: 'over' }]);
    expect(desk.openCount).toBe(0);
  });

  test('tells how many lines were lost, even where there is none left', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    const over = followLogs(desk, ASK, true, reader.sink, reader.gone);
    await settle();
    desk.lose(3);
    await settle();
    desk.lose(4);
    desk.print(logLine('1'));
    await settle();
    expect(reader.texts()).toEqual([{ past: 'over' }, { missed: 3 }, { missed: 4 }, '1']);
    reader.leave();
    await over;
  });

  test('waits for a slow reader at every line, and loses none', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    reader.beSlow();
    desk.past = [[logLine('1'), logLine('2'), logLine('3')]];
    const over = followLogs(desk, ASK, true, reader.sink, reader.gone);
    await settle();
    expect(reader.texts()).toEqual(['1']);
    await reader.take();
    expect(reader.texts()).toEqual(['1', '2']);
    desk.print(...Array.from({ length: 1200 }, (_, index) => logLine(`new ${String(index)}`)));
    for (let taken = 0; taken < 10; taken += 1) await reader.take();
    expect(reader.lines).toHaveLength(13);
    reader.beFast();
    await settle();
    expect(reader.texts()).toEqual([
      '1',
      '2',
      '3',
      { past: 'over' },
      ...Array.from({ length: 1200 }, (_, index) => `new ${String(index)}`),
    ]);
    reader.leave();
    await over;
  });

  test('a reader that goes while it is waited for', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    reader.beSlow();
    desk.past = [[logLine('1'), logLine('2')], [logLine('3')]];
    const over = followLogs(desk, ASK, true, reader.sink, reader.gone);
    await settle();
    reader.leave();
    await over;
    expect(desk.openCount).toBe(0);
    expect(reader.texts()).not.toContain('3');
  });

  test('what was opened is closed where reading fails', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    desk.logs = async function* () {
      await Promise.reject(new Error('EIO'));
    };
    await expect(followLogs(desk, ASK, true, reader.sink, reader.gone)).rejects.toThrow('EIO');
    expect(desk.openCount).toBe(0);
  });
});

describe('events', () => {
  test('those that there are, then the new ones, each once', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    desk.tell({ text: '1' });
    desk.tell({ text: '2' });
    const over = followEvents(desk, { follow: true }, reader.sink, reader.gone);
    await settle();
    desk.tell({ text: '3' });
    desk.tell({ text: '4' });
    await settle();
    expect(reader.texts()).toEqual(['1', '2', '3', '4']);
    reader.leave();
    await over;
    expect(desk.openCount).toBe(0);
  });

  test('those that come while it waits for its reader are not lost, and not told twice', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    reader.beSlow();
    desk.tell({ text: '1' });
    const over = followEvents(desk, { follow: true }, reader.sink, reader.gone);
    for (let count = 2; count <= 5; count += 1) {
      await settle();
      desk.tell({ text: String(count) });
    }
    for (let taken = 0; taken < 5; taken += 1) await reader.take();
    expect(reader.texts()).toEqual(['1', '2', '3', '4', '5']);
    reader.leave();
    await over;
  });

  test('those that were not kept until the reader took them are counted for it', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    const all = desk.events.bind(desk);
    desk.events = (after) => all(after).slice(-2);
    for (const text of ['1', '2', '3']) desk.tell({ text });
    reader.beSlow();
    const over = followEvents(desk, { follow: true }, reader.sink, reader.gone);
    await settle();
    for (const text of ['4', '5', '6', '7']) desk.tell({ text });
    for (let taken = 0; taken < 6; taken += 1) await reader.take();
    // It came too late for the first, and asked for none.
    expect(reader.texts()).toEqual(['2', '3', { missed: 2 }, '6', '7']);
    reader.leave();
    await over;
  });

  test('who says what it has seen is told of all that it has missed since', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    const all = desk.events.bind(desk);
    desk.events = (after) => all(after).slice(-2);
    for (const text of ['1', '2', '3', '4']) desk.tell({ text });
    await followEvents(desk, { after: 1 }, reader.sink, reader.gone);
    expect(reader.texts()).toEqual([{ missed: 1 }, '3', '4']);
  });

  test('without following it ends by itself', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    desk.tell({ text: '1' });
    await followEvents(desk, {}, reader.sink, reader.gone);
    expect(reader.texts()).toEqual(['1']);
    expect(desk.openCount).toBe(0);
  });

  test.each([
    [{ after: 2 }, ['3', '4', '5', '6']],
    [{ after: 100 }, []],
    [{ since: Date.UTC(2026, 0, 1) }, ['1', '2', '4', '5', '6']],
    [{ names: ['web.1'] }, ['1', '4', '6']],
    [{ names: [] }, ['4']],
    [{ names: ['web.1', 'worker.1'], after: 3 }, ['4', '5', '6']],
  ])('%j', async (ask, texts) => {
    const desk = createFakeDesk();
    const reader = createReader();
    desk.tell({ text: '1', name: 'web.1' });
    desk.tell({ text: '2', name: 'web.2' });
    desk.tell({ text: '3', name: 'web.2', time: '2025-12-31T23:59:59.999Z' });
    desk.tell({ text: '4', event: 'closing' });
    desk.tell({ text: '5', event: 'requested', names: ['worker.1'] });
    desk.tell({ text: '6', event: 'requested', names: ['worker.1', 'web.1'] });
    await followEvents(desk, ask, reader.sink, reader.gone);
    expect(reader.texts()).toEqual(texts);
  });
});

describe('stats', () => {
  test('each measurement, the history with the first', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    const over = followStats(
      desk,
      { history: true, interval: 250, names: ['web'] },
      reader.sink,
      reader.gone,
    );
    expect(desk.asked).toEqual(['stats 250 web']);
    desk.measure([snapshotFor('web.1', { cpu: 1 })]);
    await settle();
    desk.measure([snapshotFor('web.1', { cpu: 2 })]);
    await settle();
    expect(reader.lines).toMatchObject([
      { processes: [{ cpu: 1 }], history: { 'web.1': { cpu: [null, 1], memory: [null, 2] } } },
      { processes: [{ cpu: 2 }] },
    ]);
    expect(reader.lines[1]).not.toHaveProperty('history');
    reader.leave();
    await over;
    expect(desk.openCount).toBe(0);
  });

  test('the newest takes the place of what was not sent yet', async () => {
    const desk = createFakeDesk();
    const reader = createReader();
    reader.beSlow();
    const over = followStats(desk, {}, reader.sink, reader.gone);
    for (let cpu = 1; cpu <= 5; cpu += 1) {
      desk.measure([snapshotFor('web.1', { cpu })]);
      await settle();
    }
    expect(reader.lines).toMatchObject([{ processes: [{ cpu: 1 }] }]);
    await reader.take();
    expect(reader.lines).toMatchObject([{ processes: [{ cpu: 1 }] }, { processes: [{ cpu: 5 }] }]);
    await reader.take();
    expect(reader.lines).toHaveLength(2);
    reader.leave();
    await over;
  });
});

describe('whoever has gone before it begins', () => {
  test.each([
    [
      'logs',
      (desk: ReturnType<typeof createFakeDesk>, { sink, gone }: ReturnType<typeof createReader>) =>
        followLogs(desk, ASK, true, sink, gone),
    ],
    [
      'events',
      (desk: ReturnType<typeof createFakeDesk>, { sink, gone }: ReturnType<typeof createReader>) =>
        followEvents(desk, { follow: true }, sink, gone),
    ],
    [
      'stats',
      (desk: ReturnType<typeof createFakeDesk>, { sink, gone }: ReturnType<typeof createReader>) =>
        followStats(desk, {}, sink, gone),
    ],
  ])('%s', async (_what, follow) => {
    const desk = createFakeDesk();
    const reader = createReader();
    reader.leave();
    await follow(desk, reader);
    expect(desk.openCount).toBe(0);
  });
});
