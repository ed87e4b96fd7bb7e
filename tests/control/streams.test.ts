import { describe, expect, test } from 'vitest';
import { followEvents, followLogs, followStats } from '../../src/control/streams.ts';
import type { Lines } from '../../src/control/route.ts';
import { createFakeApi, logLine, snapshotFor } from '../helpers/fake-api.ts';

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
    const api = createFakeApi();
    const reader = createReader();
    api.past = [[logLine('1'), logLine('2')], [logLine('3')]];
    const over = followLogs(api, ASK, { follow: true }, reader.sink, reader.gone);
    // New while the past is still read: it comes after it.
    api.print(logLine('4'));
    await settle();
    api.print(logLine('5'), logLine('6'));
    await settle();
    expect(reader.texts()).toEqual(['1', '2', '3', { past: 'over' }, '4', '5', '6']);
    reader.leave();
    await over;
    expect(api.openCount).toBe(0);
  });

  test('without following: the past and its end', async () => {
    const api = createFakeApi();
    const reader = createReader();
    api.past = [[logLine('1')]];
    await followLogs(api, ASK, {}, reader.sink, reader.gone);
    expect(reader.texts()).toEqual(['1', { past: 'over' }]);
    expect(api.openCount).toBe(0);
  });

  test('tells how many lines were lost, even where there is none left', async () => {
    const api = createFakeApi();
    const reader = createReader();
    const over = followLogs(api, ASK, { follow: true }, reader.sink, reader.gone);
    await settle();
    api.lose(3);
    await settle();
    api.lose(4);
    api.print(logLine('1'));
    await settle();
    expect(reader.texts()).toEqual([{ past: 'over' }, { missed: 3 }, { missed: 4 }, '1']);
    reader.leave();
    await over;
  });

  test('waits for a slow reader at every line, and loses none', async () => {
    const api = createFakeApi();
    const reader = createReader();
    reader.beSlow();
    api.past = [[logLine('1'), logLine('2'), logLine('3')]];
    const over = followLogs(api, ASK, { follow: true }, reader.sink, reader.gone);
    await settle();
    expect(reader.texts()).toEqual(['1']);
    await reader.take();
    expect(reader.texts()).toEqual(['1', '2']);
    api.print(...Array.from({ length: 1200 }, (_, index) => logLine(`new ${String(index)}`)));
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
    const api = createFakeApi();
    const reader = createReader();
    reader.beSlow();
    api.past = [[logLine('1'), logLine('2')], [logLine('3')]];
    const over = followLogs(api, ASK, { follow: true }, reader.sink, reader.gone);
    await settle();
    reader.leave();
    await over;
    expect(api.openCount).toBe(0);
    expect(reader.texts()).not.toContain('3');
  });

  test('what was opened is closed where reading fails', async () => {
    const api = createFakeApi();
    const reader = createReader();
    api.logs = async function* () {
      await Promise.reject(new Error('EIO'));
    };
    await expect(followLogs(api, ASK, { follow: true }, reader.sink, reader.gone)).rejects.toThrow('EIO');
    expect(api.openCount).toBe(0);
  });
});

describe('events', () => {
  test('those that there are, then the new ones, each once', async () => {
    const api = createFakeApi();
    const reader = createReader();
    api.tell({ text: '1' });
    api.tell({ text: '2' });
    const over = followEvents(api, { follow: true }, reader.sink, reader.gone);
    await settle();
    api.tell({ text: '3' });
    api.tell({ text: '4' });
    await settle();
    expect(reader.texts()).toEqual(['1', '2', '3', '4']);
    reader.leave();
    await over;
    expect(api.openCount).toBe(0);
  });

  test('those that come while it waits for its reader are not lost, and not told twice', async () => {
    const api = createFakeApi();
    const reader = createReader();
    reader.beSlow();
    api.tell({ text: '1' });
    const over = followEvents(api, { follow: true }, reader.sink, reader.gone);
    for (let count = 2; count <= 5; count += 1) {
      await settle();
      api.tell({ text: String(count) });
    }
    for (let taken = 0; taken < 5; taken += 1) await reader.take();
    expect(reader.texts()).toEqual(['1', '2', '3', '4', '5']);
    reader.leave();
    await over;
  });

  test('those that were not kept until the reader took them are counted for it', async () => {
    const api = createFakeApi();
    const reader = createReader();
    const all = api.events.bind(api);
    api.events = (after) => all(after).slice(-2);
    for (const text of ['1', '2', '3']) api.tell({ text });
    reader.beSlow();
    const over = followEvents(api, { follow: true }, reader.sink, reader.gone);
    await settle();
    for (const text of ['4', '5', '6', '7']) api.tell({ text });
    for (let taken = 0; taken < 6; taken += 1) await reader.take();
    // It came too late for the first, and asked for none.
    expect(reader.texts()).toEqual(['2', '3', { missed: 2 }, '6', '7']);
    reader.leave();
    await over;
  });

  test('who says what it has seen is told of all that it has missed since', async () => {
    const api = createFakeApi();
    const reader = createReader();
    const all = api.events.bind(api);
    api.events = (after) => all(after).slice(-2);
    for (const text of ['1', '2', '3', '4']) api.tell({ text });
    await followEvents(api, { after: 1 }, reader.sink, reader.gone);
    expect(reader.texts()).toEqual([{ missed: 1 }, '3', '4']);
  });

  test('without following it ends by itself', async () => {
    const api = createFakeApi();
    const reader = createReader();
    api.tell({ text: '1' });
    await followEvents(api, {}, reader.sink, reader.gone);
    expect(reader.texts()).toEqual(['1']);
    expect(api.openCount).toBe(0);
  });

  test.each([
    [{ after: 2 }, ['3', '4', '5', '6']],
    [{ after: 100 }, []],
    [{ since: Date.UTC(2026, 0, 1) }, ['1', '2', '4', '5', '6']],
    [{ names: ['web.1'] }, ['1', '4', '6']],
    [{ names: [] }, ['4']],
    [{ names: ['web.1', 'worker.1'], after: 3 }, ['4', '5', '6']],
  ])('%j', async (ask, texts) => {
    const api = createFakeApi();
    const reader = createReader();
    api.tell({ text: '1', name: 'web.1' });
    api.tell({ text: '2', name: 'web.2' });
    api.tell({ text: '3', name: 'web.2', time: '2025-12-31T23:59:59.999Z' });
    api.tell({ text: '4', event: 'closing' });
    api.tell({ text: '5', event: 'requested', names: ['worker.1'] });
    api.tell({ text: '6', event: 'requested', names: ['worker.1', 'web.1'] });
    await followEvents(api, ask, reader.sink, reader.gone);
    expect(reader.texts()).toEqual(texts);
  });
});

describe('stats', () => {
  test('each measurement, the history with the first', async () => {
    const api = createFakeApi();
    const reader = createReader();
    const over = followStats(api, { history: true, interval: 250, names: ['web'] }, reader.sink, reader.gone);
    expect(api.asked).toEqual(['stats 250 web']);
    api.measure([snapshotFor('web.1', { cpu: 1 })]);
    await settle();
    api.measure([snapshotFor('web.1', { cpu: 2 })]);
    await settle();
    expect(reader.lines).toMatchObject([
      { processes: [{ cpu: 1 }], history: { 'web.1': { cpu: [null, 1], memory: [null, 2] } } },
      { processes: [{ cpu: 2 }] },
    ]);
    expect(reader.lines[1]).not.toHaveProperty('history');
    reader.leave();
    await over;
    expect(api.openCount).toBe(0);
  });

  test('the newest takes the place of what was not sent yet', async () => {
    const api = createFakeApi();
    const reader = createReader();
    reader.beSlow();
    const over = followStats(api, {}, reader.sink, reader.gone);
    for (let cpu = 1; cpu <= 5; cpu += 1) {
      api.measure([snapshotFor('web.1', { cpu })]);
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
      (api: ReturnType<typeof createFakeApi>, { sink, gone }: ReturnType<typeof createReader>) =>
        followLogs(api, ASK, { follow: true }, sink, gone),
    ],
    [
      'events',
      (api: ReturnType<typeof createFakeApi>, { sink, gone }: ReturnType<typeof createReader>) =>
        followEvents(api, { follow: true }, sink, gone),
    ],
    [
      'stats',
      (api: ReturnType<typeof createFakeApi>, { sink, gone }: ReturnType<typeof createReader>) =>
        followStats(api, {}, sink, gone),
    ],
  ])('%s', async (_what, follow) => {
    const api = createFakeApi();
    const reader = createReader();
    reader.leave();
    await follow(api, reader);
    expect(api.openCount).toBe(0);
  });
});
