/** `queues` in procsup.yaml, and pools that read one. */
import { expect, test } from 'vitest';
import { readAppFileText } from '../../src/config/read-app-file.ts';
import { planApp } from '../../src/core/plan/plan-app.ts';
import { resolvedQueue } from '../../src/core/plan/resolved-queue.ts';

const read = (text: string) => readAppFileText('procsup.yaml', { ok: true, text });

test.each<[string, object]>([
  ['{mail: }', { rules: {} }],
  ['{mail: {attempts: 3, backoff: 500ms}}', { rules: { attempts: 3, backoffMs: 500 } }],
  ['{mail: {maxsize: 0, durable: false}}', { rules: { maxsize: null }, isDurable: false }],
  ['{mail: {max_message: 16MiB}}', { rules: { maxMessageBytes: 16 * 1024 * 1024 } }],
  ['{mail: {max_message: 1000, on: "redis://x"}}', { rules: { maxMessageBytes: 1000 } }],
  ['{mail: {maxsize: 9}}', { rules: { maxsize: 9 } }],
  [
    '{mail: {on: "rediss://ann:a%20b@[::1]:7000/2"}}',
    {
      engine: { isTls: true, user: 'ann', password: 'a b', host: '::1', port: 7000, database: 2 },
    },
  ],
  [
    '{mail: {on: "redis://localhost"}}',
    { engine: { isTls: false, host: 'localhost', port: 6379, database: 0 } },
  ],
])('%s', (queues, expected) => {
  expect(read(`queues: ${queues}`)).toMatchObject({ queues: [{ name: 'mail', ...expected }], problems: [] });
});

test.each<[string, string, string]>([
  ['queues: {mail: {attempts: 0}}', '1:27', "invalid value 0 for 'attempts'"],
  ['queues: {mail: {backoff: soon}}', '1:26', "invalid duration 'soon'"],
  ['queues: {mail: {max_message: 0}}', '1:30', "invalid size '0' for 'max_message'; use for example"],
  ['queues: {mail: {max_message: 16.1MiB}}', '1:30', "'max_message' is too large; use at most 16MiB"],
  ['queues: {mail: {backof: 1s}}', '1:17', "unknown key 'backof'; did you mean 'backoff'?"],
  ['queues: {".a": {}}', '1:10', "invalid queue name '.a'"],
  ['queues: {mail: {on: "http://:secret@x"}}', '1:21', "invalid value for 'on'; use for example redis://"],
  ['queues: {mail: {on: "redis://x", maxsize: 3}}', '1:34', "'maxsize' cannot be used with 'on'"],
  ['pools: {a: {command: cat, queue: "a b"}}', '1:34', "invalid queue name 'a b'"],
  ['pools: {a: {command: cat, queue: 3}}', '1:34', "'queue' in pool 'a' must be a string, got 3"],
])('%s', (text, at, message) => {
  const { problems } = planApp({
    ...{ root: '/p', procfile: 'none', appFile: read(text), envFiles: [], realEnv: {}, mayBeEmpty: true },
  });
  const [first, ...others] = problems;
  expect(others).toEqual([]);
  expect(`${String(first?.place?.line)}:${String(first?.place?.column)}`).toBe(at);
  const told = `${first?.message ?? ''}; ${first?.remedy ?? ''}`;
  expect(told).toContain(message);
  expect(told).not.toContain('secret');
});

test('check tells a queue in the words of the file, without a password', () => {
  const { queues = [] } = read(
    'queues: {mail: {on: "redis://:secret@h:1/2", backoff: 2m}, log: {maxsize: 4, max_message: 2048KiB}}',
  );
  const told = queues.map((queue) =>
    resolvedQueue(queue).map(({ key, value, from }) => [key, value, from === 'default']),
  );
  expect(told).toEqual([
    [
      ['attempts', 5, true],
      ['backoff', '2m', false],
      ['max_message', '1MiB', true],
      ['on', 'redis://h:1/2', false],
    ],
    [
      ['attempts', 5, true],
      ['backoff', '1s', true],
      ['max_message', '2MiB', false],
      ['maxsize', 4, false],
      ['durable', true, true],
    ],
  ]);
});
