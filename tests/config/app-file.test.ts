import { describe, expect, test } from 'vitest';
import type { ShapeIssue } from '../../src/config/shape.ts';
import { readAppFile } from '../../src/config/app-file.ts';
import type { PlaceOf } from '../../src/config/yaml/value-path.ts';

/** A place that tells what was asked for. */
const placeOf: PlaceOf = (path, part = 'value') => ({
  file: 'procsup.yaml',
  line: 1,
  column: typeof part === 'object' ? part.at + 1 : 1,
  length: typeof part === 'object' ? part.length : 1,
  text: `${path.join('.')} ${typeof part === 'object' ? 'stretch' : part}`,
});
const read = (value: unknown, issues: readonly ShapeIssue[] = []) =>
  readAppFile({ file: 'procsup.yaml', value, issues, placeOf });
const readOne = (pipeline: unknown, issues?: readonly ShapeIssue[]) =>
  read({ pipelines: { ingest: pipeline } }, issues);
const stagesOf = (pipeline: unknown) => readOne(pipeline).processes;
const problemsOf = (pipeline: unknown) =>
  readOne(pipeline).problems.map(({ code, place }) => [code, place?.text, place?.column]);

describe('stages', () => {
  const plain = { kind: 'stage', pipeline: 'ingest', joinsStderr: false };

  test('of a text are those of its pipes', () => {
    const expected = [
      { ...plain, name: 'ingest/1', command: 'seq 10', script: 'exec seq 10', joinsStderr: true },
      { ...plain, name: 'ingest/2', command: "grep 'a | b'", script: "exec grep 'a | b'" },
    ];
    const text = "seq 10 |& grep 'a | b'";
    expect(stagesOf(text)).toMatchObject(expected);
    expect(stagesOf({ stages: text })).toMatchObject(expected);
  });

  test('of a list are its commands, in which pipes are the own business of a shell', () => {
    const list = [' seq 10 | sort\n', { name: 'parse', command: './parse' }, { command: 'a; b' }];
    const expected = [
      { ...plain, name: 'ingest/1', command: 'seq 10 | sort', script: 'seq 10 | sort' },
      { ...plain, name: 'ingest/parse', command: './parse', script: 'exec ./parse' },
      { ...plain, name: 'ingest/3', command: 'a; b', script: 'a; b' },
    ];
    expect(stagesOf(list)).toMatchObject(expected);
    expect(stagesOf({ stages: list })).toMatchObject(expected);
    expect(readOne(list).problems).toEqual([]);
  });

  test('have their own policy, else that of the pipeline', () => {
    const stages = ['a', { command: 'b', restart: 'never' }];
    const policies = (pipeline: unknown) => stagesOf(pipeline)?.map(({ restart }) => restart?.mode);
    expect(policies({ stages, restart: 'always' })).toEqual(['always', 'never']);
    expect(policies({ stages })).toEqual([undefined, 'never']);
    expect(policies({ stages: 'a | b', restart: 'on-failure' })).toEqual(['on-failure', 'on-failure']);
  });

  test('may be one', () => {
    expect(stagesOf('a')?.map(({ name }) => name)).toEqual(['ingest/1']);
    expect(stagesOf(['a'])?.map(({ name }) => name)).toEqual(['ingest/1']);
  });
});

test.each([
  [undefined, undefined],
  ['10s', 10_000],
  ['1m30s', 90_000],
  [0, 0],
  ['0', 0],
  [2.5, 2_500],
])('drain: %j', (drain, expected) => {
  const { processes, problems } = readOne({ stages: 'a', ...(drain !== undefined && { drain }) });
  expect(problems).toEqual([]);
  expect(processes).toMatchObject([expected === undefined ? {} : { drainMs: expected }]);
  if (expected === undefined) expect(processes?.[0]).not.toHaveProperty('drainMs');
});

test.each([null, {}, { pipelines: null }, { pipelines: {} }])('no pipeline: %j', (value) => {
  expect(read(value)).toEqual({ file: 'procsup.yaml', processes: [], pipelines: [], problems: [] });
});

describe('problems', () => {
  test.each<[unknown, [string, string, number][]]>([
    ['a |  | b', [['pipe-empty-stage', 'pipelines.ingest stretch', 6]]],
    [{ stages: 'a | (b' }, [['pipe-open', 'pipelines.ingest.stages stretch', 5]]],
    ['a \\\n| b | )', [['pipe-unexpected', 'pipelines.ingest stretch', 11]]],
    ['a\0', [['pipe-nul', 'pipelines.ingest stretch', 2]]],
    [' ', [['app-file-empty-command', 'pipelines.ingest value', 1]]],
    ['# x', [['app-file-empty-command', 'pipelines.ingest value', 1]]],
    [['a', ' '], [['app-file-empty-command', 'pipelines.ingest.1 value', 1]]],
    [['a\0b'], [['app-file-nul', 'pipelines.ingest.0 stretch', 2]]],
    [{ stages: [{ command: 'a\0b' }] }, [['app-file-nul', 'pipelines.ingest.stages.0.command stretch', 2]]],
    [[{ name: '7', command: 'a' }], [['app-file-stage-name', 'pipelines.ingest.0.name value', 1]]],
    [[{ name: 'a/b', command: 'a' }], [['app-file-stage-name', 'pipelines.ingest.0.name value', 1]]],
    [[{ name: 'x'.repeat(64), command: 'a' }], [['app-file-stage-name', 'pipelines.ingest.0.name value', 1]]],
    [
      [{ name: 'x', command: 'a' }, 'b', { name: 'x', command: 'c' }],
      [['app-file-stage-name', 'pipelines.ingest.2.name value', 1]],
    ],
    [Array.from({ length: 1_001 }, () => 'a'), [['app-file-many-stages', 'pipelines.ingest key', 1]]],
    [{ stages: 'a', drain: 'soon' }, [['app-file-duration', 'pipelines.ingest.drain value', 1]]],
    [{ stages: 'a', drain: -1 }, [['app-file-duration', 'pipelines.ingest.drain value', 1]]],
    [{ stages: 'a', drain: Infinity }, [['app-file-duration', 'pipelines.ingest.drain value', 1]]],
    [{ stages: 'a', drain: '25d' }, [['app-file-duration', 'pipelines.ingest.drain value', 1]]],
    [{ stages: 'a', drain: null }, [['app-file-duration', 'pipelines.ingest.drain value', 1]]],
  ])('%j', (pipeline, expected) => {
    expect(problemsOf(pipeline)).toEqual(expected);
  });

  test.each(['', 'a b', 'a/b', 'ä', 'a.1', 'x'.repeat(64)])('%j is no name', (name) => {
    const { problems } = read({ pipelines: { [name]: 'a' } });
    expect(problems).toMatchObject([{ code: 'app-file-name', message: `invalid pipeline name '${name}'` }]);
  });

  test.each(['a', '1', '-', '__proto__', 'constructor', 'x'.repeat(63)])('%j is a name', (name) => {
    const value = { pipelines: Object.fromEntries([[name, 'a']]) };
    expect(read(value)).toMatchObject({ pipelines: [{ name }], problems: [] });
  });

  test('come all at once, those of shape as well, and names are known all the same', () => {
    const path = ['pipelines', 'ingest', 'x'];
    const issues: ShapeIssue[] = [{ kind: 'unknown-key', path, known: ['stages'] }];
    const { pipelines, problems } = readOne({ x: 1, stages: ['', 5], drain: 'x', restart: 'no' }, issues);
    expect(problems.map(({ code }) => code)).toEqual([
      'app-file-unknown-key',
      'app-file-empty-command',
      'app-file-duration',
    ]);
    expect(pipelines.map(({ name }) => name)).toEqual(['ingest']);
  });

  test('what the schema has against a duration is not said twice', () => {
    const path = ['pipelines', 'ingest', 'drain'];
    const issues: ShapeIssue[] = [{ kind: 'type', path, expected: ['text', 'number'], found: true }];
    const { problems } = readOne({ stages: 'a', drain: true }, issues);
    expect(problems.map(({ message }) => message)).toEqual(['invalid duration']);
  });
});
