import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changeTexts,
  countedVariables,
  differenceOf,
  keyText,
  missText,
  partName,
  type MissReason,
} from '../../../src/core/task/key.ts';
import { whyNotCacheable } from '../../../src/core/task/task.ts';
import type { Task } from '../../../src/core/task/task.ts';
import { matchesGlob } from '../../../src/text/glob.ts';
import { taskOf } from '../../helpers/tasks.ts';

const parts = fc.dictionary(fc.string(), fc.string()).map((all) => new Map(Object.entries(all)));

describe('the text of a key', () => {
  it('is the same for the same parts in any order', () => {
    fc.assert(
      fc.property(parts, (all) => {
        expect(keyText(new Map([...all].reverse()))).toBe(keyText(all));
      }),
    );
  });

  it('differs wherever the parts differ', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isEqual =
          one.size === other.size && [...one].every(([name, digest]) => other.get(name) === digest);
        expect(keyText(one) === keyText(other)).toBe(isEqual);
      }),
    );
  });

  it.each([
    [{ a: 'bc' }, { ab: 'c' }],
    [{ 'a,1:b': '' }, { a: '', b: '' }],
    [
      { a: 'x', b: '' },
      { a: '', b: 'x' },
    ],
  ])('keeps %j and %j apart', (one, other) => {
    expect(keyText(new Map(Object.entries(one)))).not.toBe(keyText(new Map(Object.entries(other))));
  });
});

describe('the variables that count', () => {
  const given = { NODE_ENV: 'x', VITE_A: 'a', VITE_B: 'b', HOME: '/h', PORT: '1', TOKEN: 't' };

  it.each<[Partial<Task>, readonly string[]]>([
    [{}, []],
    [{ env: ['NODE_ENV', 'MISSING'] }, ['NODE_ENV']],
    [{ env: ['VITE_*'] }, ['VITE_A', 'VITE_B']],
    [{ environment: { PORT: '1', GONE: undefined } }, ['PORT']],
    [{ fileVariables: { TOKEN: 't' }, env: ['VITE_B'] }, ['TOKEN', 'VITE_B']],
  ])('of %j are %j', (fields, expected) => {
    expect(countedVariables(taskOf(fields), given, matchesGlob)).toEqual(expected);
  });
});

const reasonOf = (
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): MissReason => ({
  type: 'changed',
  ...differenceOf(new Map(Object.entries(before)), new Map(Object.entries(now))),
});

describe('why a result is missing', () => {
  it.each([
    [{ command: '1' }, { command: '2' }, 'the command has changed'],
    [{ arguments: '1' }, { arguments: '2' }, 'the arguments have changed'],
    [{ outputs: '1' }, { outputs: '2' }, 'the declared outputs have changed'],
    [{ 'file src/a.ts': '1' }, { 'file src/a.ts': '2' }, 'src/a.ts has changed'],
    [{}, { 'file src/a b.ts': '2' }, 'src/a b.ts is new'],
    [{ 'file src/a.ts': '1' }, {}, 'src/a.ts was removed'],
    [{ 'env NODE_ENV': '1' }, { 'env NODE_ENV': '2' }, 'NODE_ENV has changed'],
    [{}, { 'env NODE_ENV': '' }, 'NODE_ENV is set now'],
    [{ 'env NODE_ENV': '' }, {}, 'NODE_ENV is no longer set'],
    [{ 'tool node -v': '1' }, { 'tool node -v': '2' }, "the output of 'node -v' has changed"],
    [{ 'tool node -v': '1' }, {}, "'node -v' is no longer declared"],
    [{ 'task build': '1' }, { 'task build': '2' }, 'what build depends on has changed'],
    [{}, { 'task build': '2' }, 'build is needed now'],
    [{ system: '1' }, { system: '2' }, 'the system has changed'],
    [
      { 'file a': '1', 'file b': '1', 'task x': '1', 'env E': '1' },
      { 'file a': '2', 'file c': '1', 'task x': '2', 'env E': '2' },
      'E has changed (and 4 more)',
    ],
  ])('%j, then %j: %s', (before, now, text) => {
    expect(missText(reasonOf(before as Record<string, string>, now as Record<string, string>))).toBe(text);
  });

  it('is told for each part, those first that matter most', () => {
    const before = { 'task x': '1', 'file b': '1', 'file a': '1', command: '1' };
    const now = { 'task x': '2', 'file b': '2', 'file a': '2', command: '2', 'env A': '' };
    expect(changeTexts(reasonOf(before, now))).toEqual([
      'the command has changed',
      'A is set now',
      'a has changed',
      'b has changed',
      'what x depends on has changed',
    ]);
  });

  it('has a word for each other reason', () => {
    const none = { added: [], removed: [], changed: [] };
    const types = ['new', 'expired', 'removed', 'forced', 'not-cacheable'] as const;
    expect(types.map((type) => missText({ type, ...none }))).toEqual([
      'it was never run',
      'its result is older than max_age',
      'its result is no longer in the cache',
      'a run was forced',
      'its result cannot be kept',
    ]);
    expect(missText({ type: 'not-cacheable', ...none, because: 'its cache is off' })).toBe(
      'its cache is off',
    );
  });
});

it.each<[Partial<Task>, string | undefined]>([
  [{ inputs: [], outputs: [] }, undefined],
  [{ outputs: [] }, 'it declares no inputs'],
  [{ inputs: ['src'] }, 'it declares no outputs'],
  [{ inputs: [], outputs: [], cache: { enabled: false } }, 'its cache is off'],
  [{ inputs: [], outputs: [], interactive: true }, 'it is interactive'],
])('a task with %j is not cacheable because %s', (fields, expected) => {
  expect(whyNotCacheable(taskOf(fields))).toBe(expected);
});

it('a part is named by what it is of', () => {
  expect([partName('command'), partName('file', 'src/a.ts')]).toEqual(['command', 'file src/a.ts']);
});
