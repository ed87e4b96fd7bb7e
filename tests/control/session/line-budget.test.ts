import { expect, test } from 'vitest';
import type { Api } from '../../../src/control/api.ts';
import { createLineBudget } from '../../../src/control/session/line-budget.ts';
import { openSession, type SessionSocket } from '../../../src/control/session/session.ts';
import { verb, type Verb } from '../../../src/control/session/verb.ts';
import { until } from '../../helpers/eventually.ts';
import { object } from '../../../src/control/schema.ts';

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
function connect(verbs: readonly Verb[] = []) {
  let data: (bytes: Buffer) => void = () => undefined;
  const written: string[] = [];
  let isEnded = false;
  const socket: SessionSocket = {
    on(event: string, listener: (bytes: Buffer) => void) {
      if (event === 'data') data = listener;
    },
    write(text) {
      written.push(text);
      return true;
    },
    ...{ end: () => (isEnded = true), pause: () => undefined, resume: () => undefined, writableLength: 0 },
  };
  const gone = new AbortController().signal;
  const byName = new Map(verbs.map((one) => [one.name, one]));
  openSession(socket, { api: {} as Api, verbs: byName, client: undefined, gone });
  return {
    send: (bytes: Buffer) => data(bytes),
    told: () => written.join(''),
    written,
    isEnded: () => isEnded,
  };
}

test('many sessions with half a request each cannot fill the memory', async () => {
  const half = Buffer.alloc(16 * 1024 * 1024, 'x');
  const honest = connect();
  honest.send(Buffer.from('{"id": 1, '));
  const hostile = Array.from({ length: 20 }, () => connect());
  for (const one of hostile) one.send(half);
  await new Promise((resolve) => setImmediate(resolve));
  expect(hostile.filter((one) => !one.isEnded())).toHaveLength(7);
  expect(hostile.find((one) => one.isEnded())?.told()).toContain('"code":"busy"');
  honest.send(Buffer.from('"do": "x"}\n'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(honest.told()).toContain('unknown verb');
  for (const one of hostile) one.send(Buffer.from('\n'));
});

test('a request may be as long as the largest message with each character escaped, and no longer', async () => {
  const client = connect();
  client.send(Buffer.concat([Buffer.from('{"id": 1, "do": "'), Buffer.alloc(32 * 1024 * 1024, '\\"')]));
  client.send(Buffer.from('"}\n'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(client.told()).toContain('unknown verb');
  client.send(Buffer.alloc(33 * 1024 * 1024 + 1, 'x'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(client.told()).toContain('request too long (the limit is 33 MiB)');
  expect(client.isEnded()).toBe(true);
});

// More than one string can hold; at most one of them is in a write with others.
test('large answers of one turn are not put together', async () => {
  const text = 'x'.repeat(16 * 1024 * 1024);
  const large = verb({
    ...{ name: 'large', summary: 'Large.', input: object({}), answer: object({}) },
    handle: () => ({ text }),
  });
  const client = connect([large]);
  const asked = Array.from({ length: 40 }, (_, id) => `${JSON.stringify({ id, do: 'large' })}\n`);
  client.send(Buffer.from(asked.join('')));
  await new Promise((resolve) => setImmediate(resolve));
  await until(() => client.written.length >= asked.length, 'all answers');
  const ids = client.written.map((line) => /^\{"id":(\d+),"ok"/.exec(line)?.[1]);
  expect(ids).toEqual(asked.map((_, id) => String(id)));
});
