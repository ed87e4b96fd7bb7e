import { expect, test } from 'vitest';
import type { Api } from '../../../src/control/api.ts';
import { createLineBudget } from '../../../src/control/session/line-budget.ts';
import { openSession, type SessionSocket } from '../../../src/control/session/session.ts';

test('over the limit the session with the longest line ends, and only that one', () => {
  const ended: string[] = [];
  const budget = createLineBudget(100);
  const sessions = { a: {}, b: {}, c: {} };
  const holds = (name: keyof typeof sessions, bytes: number): void =>
    budget.holds(sessions[name], bytes, () => void ended.push(name));
  holds('a', 40);
  holds('b', 60);
  expect(ended).toEqual([]);
  holds('c', 1);
  expect(ended).toEqual(['b']);
  // What has ended does not count any more, nor does a line that has become whole.
  holds('b', 0);
  holds('c', 60);
  expect(ended).toEqual(['b']);
  holds('a', 0);
  holds('b', 40);
  expect(ended).toEqual(['b']);
  holds('b', 41);
  expect(ended).toEqual(['b', 'c']);
});

/** A connection whose client sends what the test says. */
function connect() {
  let data: (bytes: Buffer) => void = () => undefined;
  let written = '';
  let isEnded = false;
  const socket: SessionSocket = {
    on(event: string, listener: (bytes: Buffer) => void) {
      if (event === 'data') data = listener;
    },
    write(text) {
      written += text;
      return true;
    },
    ...{ end: () => (isEnded = true), pause: () => undefined, resume: () => undefined, writableLength: 0 },
  };
  const gone = new AbortController().signal;
  openSession(socket, { api: {} as Api, verbs: new Map(), client: undefined, gone });
  return { send: (bytes: Buffer) => data(bytes), told: () => written, isEnded: () => isEnded };
}

test('many sessions with half a request each cannot fill the memory', async () => {
  const half = Buffer.alloc(7 * 1024 * 1024, 'x');
  const honest = connect();
  honest.send(Buffer.from('{"id": 1, '));
  const hostile = Array.from({ length: 20 }, connect);
  for (const one of hostile) one.send(half);
  await new Promise((resolve) => setImmediate(resolve));
  expect(hostile.filter((one) => !one.isEnded())).toHaveLength(9);
  expect(hostile.find((one) => one.isEnded())?.told()).toContain('"code":"busy"');
  honest.send(Buffer.from('"do": "x"}\n'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(honest.told()).toContain('unknown verb');
  for (const one of hostile) one.send(Buffer.from('\n'));
});
