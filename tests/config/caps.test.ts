/** `caps` and `uses` in procsup.yaml. */
import { expect, test } from 'vitest';
import { readAppFileText } from '../../src/config/read-app-file.ts';
import { planApp } from '../../src/core/plan/plan-app.ts';

const read = (text: string) => readAppFileText('procsup.yaml', { ok: true, text });

test.each<[string, object]>([
  ['{db: 4}', { name: 'db', soft: 4, hard: Infinity }],
  ['{db: {soft: 2}}', { name: 'db', soft: 2, hard: Infinity }],
  ['{db: {soft: 2, hard: 8}}', { name: 'db', soft: 2, hard: 8 }],
  ['{db: {hard: 8}}', { name: 'db', soft: 8, hard: 8 }],
])('%s', (caps, expected) => {
  expect(read(`caps: ${caps}`)).toMatchObject({ caps: [expected], problems: [] });
});

test.each<[string, string, string]>([
  ['caps: {db: 0}', '1:12', "invalid value 0 for 'db'"],
  ['caps: {db: {soft: 3, hard: 2}}', '1:19', 'the soft cap 3 is above the hard cap 2'],
  ['caps: {db: {}}', '1:12', "cap 'db' has no limit"],
  ['caps: {db: many}', '1:12', ''],
  ['caps: {"d b": 1}', '1:8', "invalid cap name 'd b'"],
  ['caps: {db: {most: 1}}', '1:13', "unknown key 'most'"],
  ['processes: {a: {command: x, uses: [db, db]}}\ncaps: {db: 2}', '1:40', "duplicate cap 'db' in 'uses'"],
  [
    'processes: {a: {command: x, uses: bd}}\ncaps: {db: 2}',
    '1:29',
    "'a' uses the unknown cap 'bd'; did you mean 'db'?",
  ],
  [
    'processes: {a: {command: x, uses: {db: 3}}}\ncaps: {db: 2}',
    '1:29',
    "'a' uses 3 of cap 'db', which allows 2: it could never start",
  ],
])('%s', (text, at, message) => {
  const appFile = read(text);
  const { problems } = planApp({
    ...{ root: '/p', procfile: 'none', appFile, envFiles: [], realEnv: {}, mayBeEmpty: true },
  });
  const [first, ...others] = problems;
  expect(others).toEqual([]);
  expect(`${String(first?.place?.line)}:${String(first?.place?.column)}`).toBe(at);
  expect(`${first?.message ?? ''}; ${first?.remedy ?? ''}`).toContain(message);
});
