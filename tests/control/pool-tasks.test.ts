/** The stream of one client's tasks: what it reads, and what it holds. */
import { describe, expect, test } from 'vitest';
import type { PoolClient, TaskResult } from '../../src/control/pool-api.ts';
import { runTasks } from '../../src/control/pool-tasks.ts';
import { until } from '../helpers/eventually.ts';

/** A pool that answers when the test says so, and a client that reads when it says so. */
function setUp(chunks: readonly string[], { enough = 4 } = {}) {
  const open = new Map<string, (result: TaskResult) => void>();
  const begun: string[] = [];
  let [read, isClosed] = [0, false];
  const pool: PoolClient = {
    enough,
    submit(value, settled) {
      begun.push(String(value));
      open.set(String(value), settled);
      return () => settled({ is: 'failed', code: 'aborted', message: 'aborted' });
    },
    close: () => (isClosed = true),
  };
  async function* incoming(): AsyncGenerator<Uint8Array, void, undefined> {
    for (const chunk of chunks) {
      read += 1;
      yield await Promise.resolve(Buffer.from(chunk));
    }
  }
  const lines: unknown[] = [];
  let release: (() => void) | undefined;
  const reader = { isSlow: false };
  const gone = new AbortController();
  const over = runTasks(
    pool,
    incoming(),
    {
      write: (value) => {
        lines.push(value);
        return !reader.isSlow;
      },
      ready: () => new Promise((resolve) => (release = resolve)),
    },
    gone.signal,
  );
  over.catch(() => undefined);
  return {
    ...{ begun, lines, reader, over, gone },
    get chunksRead() {
      return read;
    },
    get isClosed() {
      return isClosed;
    },
    get isWaiting() {
      return release !== undefined;
    },
    release: () => release?.(),
    answer: (value: string, output = value) => open.get(value)?.({ is: 'done', output: Buffer.from(output) }),
  };
}

const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${String(at)}\n`);

describe('a client', () => {
  test('has as many values under way as keep the workers busy, and no more are read', async () => {
    const it = setUp(numbers(100));
    await until(() => it.begun.length === 4, 'four are begun');
    expect(it.chunksRead).toBe(5);
    it.answer('2');
    await until(() => it.begun.length === 5, 'another one');
    expect(it.lines).toEqual([{ id: 3, output: '2' }]);
    expect(it.chunksRead).toBe(6);
    it.gone.abort();
    await it.over;
    expect(it.isClosed).toBe(true);
  });

  test('that does not read its results gets no more values begun', async () => {
    const it = setUp(numbers(100));
    it.reader.isSlow = true;
    await until(() => it.begun.length === 4, 'four are begun');
    for (const value of ['0', '1', '2', '3']) it.answer(value);
    await until(() => it.isWaiting, 'it does not read');
    expect([it.begun.length, it.lines.length]).toEqual([4, 1]);
    it.reader.isSlow = false;
    it.release();
    await until(() => it.begun.length === 8, 'it goes on');
    it.gone.abort();
    await it.over;
  });

  test('whose values and results are large has fewer of them under way', async () => {
    const large = `"${'x'.repeat(900_000)}"\n`;
    const it = setUp(
      Array.from({ length: 50 }, () => large),
      { enough: 50 },
    );
    await until(() => it.begun.length === 5, 'five of 0.9 MB are begun');
    expect(it.chunksRead).toBeLessThanOrEqual(6);
    it.gone.abort();
    await it.over;
  });

  test('may cut lines anywhere, and leave out the last newline', async () => {
    const it = setUp(['"a', '"\n"b"', '\n\n', '"c"']);
    await until(() => it.begun.length === 3, 'three');
    for (const value of ['a', 'b', 'c']) it.answer(value);
    await it.over;
    expect(it.lines.at(-1)).toEqual({ done: 3, failed: 0 });
  });
});

test.each([
  ['{"a": 1}\n', "line 1: missing 'value'"],
  ['"a"\n[1]\n', 'line 2: not a value'],
  ['nothing\n', 'line 1: invalid JSON'],
  ['{"id": {}, "value": 1}\n', "line 1: invalid 'id'"],
  [`"${'x'.repeat(1024 * 1024)}"\n`, 'line too long (the limit is 1024 KiB)'],
])('%j ends the stream when what came before is done', async (text, message) => {
  const it = setUp([text]);
  await until(() => it.isClosed || it.begun.length > 0, 'it is read');
  it.answer('a');
  await expect(it.over).rejects.toThrow(message);
  expect(it.lines.length).toBe(it.begun.length);
});
