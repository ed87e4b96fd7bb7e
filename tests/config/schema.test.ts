import { describe, expect, test } from 'vitest';
import { readAppFile } from '../../src/config/app-file.ts';
import { shapeIssues } from '../../src/config/schema.ts';

const problemsOf = (value: unknown) =>
  readAppFile({
    file: 'f',
    value,
    issues: shapeIssues(value),
    placeOf: (path, part = 'value') => ({
      file: 'f',
      line: 1,
      column: 1,
      length: 1,
      text: `${path.join('.')} ${typeof part === 'object' ? 'stretch' : part}`,
    }),
  }).problems.map(({ message, remedy, place }) => [place?.text, message, remedy]);

test.each([
  null,
  {},
  { pipelines: null },
  { pipelines: {} },
  { pipelines: { a: 'x | y', b: ['x', { command: 'y' }], c: { stages: 'x' } } },
  {
    pipelines: {
      a: { stages: [{ name: 'n', command: 'x', restart: 'never' }], restart: 'always', drain: 3 },
    },
  },
  { pipelines: { a: { stages: 'x', drain: '3s' } } },
])('%j has the right shape', (value) => {
  expect(shapeIssues(value)).toEqual([]);
});

describe('what is wrong', () => {
  test.each<[unknown, [string, string, string | undefined][]]>([
    [5, [[' value', 'the file must be a map of keys, and this is the number 5', undefined]]],
    [[], [[' value', 'the file must be a map of keys, and this is a list', undefined]]],
    [
      { pipeline: {} },
      [
        [
          'pipeline key',
          "there is no key 'pipeline' here",
          "did you mean 'pipelines'? the keys are pipelines",
        ],
      ],
    ],
    [
      { pipelines: 'a' },
      [['pipelines value', "'pipelines' must be a map of keys, and this is a text", undefined]],
    ],
    [
      { pipelines: { a: 5 } },
      [
        [
          'pipelines.a value',
          "'a' must be a text, a list or a map of keys, and this is the number 5",
          'write "5"',
        ],
      ],
    ],
    [
      { pipelines: { a: null } },
      [
        [
          'pipelines.a value',
          "'a' must be a text, a list or a map of keys, and this is empty",
          'write it behind the colon, or remove the key',
        ],
      ],
    ],
    [
      { pipelines: { a: [] } },
      [['pipelines.a value', "'a' must have at least one entry", 'add a command, or remove the pipeline']],
    ],
    [
      { pipelines: { a: { stages: [] } } },
      [
        [
          'pipelines.a.stages value',
          "'stages' of 'a' must have at least one entry",
          'add a command, or remove the pipeline',
        ],
      ],
    ],
    [
      { pipelines: { a: { restart: 'always' } } },
      [['pipelines.a key', "'a' lacks the key 'stages'", "add a line such as 'stages: seq 10 | sort'"]],
    ],
    [
      { pipelines: { a: { stages: 'x', restart: 'on-faliure', foo: 1 } } },
      [
        [
          'pipelines.a.restart value',
          "'on-faliure' is no value of 'restart'",
          "did you mean 'on-failure'? use never, on-failure or always",
        ],
        ['pipelines.a.foo key', "there is no key 'foo' here", 'the keys are stages, restart, drain'],
      ],
    ],
    [
      { pipelines: { a: { stages: 'x', restart: false } } },
      [
        [
          'pipelines.a.restart value',
          "the boolean false is no value of 'restart'",
          'use never, on-failure or always',
        ],
      ],
    ],
    [
      { pipelines: { a: ['x', true, ['y']] } },
      [
        [
          'pipelines.a.1 value',
          "stage 2 of 'a' must be a text or a map of keys, and this is the boolean true",
          'write "true"',
        ],
        [
          'pipelines.a.2 value',
          "stage 3 of 'a' must be a text or a map of keys, and this is a list",
          undefined,
        ],
      ],
    ],
    [
      { pipelines: { a: { stages: [{ command: 'x', name: 1 }] } } },
      [
        [
          'pipelines.a.stages.0.name value',
          "'name' of stage 1 of 'a' must be a text, and this is the number 1",
          'use a letter in it: a number is what stages without a name have',
        ],
      ],
    ],
    [
      { pipelines: { a: { stages: [{ command: 5 }, {}] } } },
      [
        [
          'pipelines.a.stages.0.command value',
          "'command' of stage 1 of 'a' must be a text, and this is the number 5",
          'write "5"',
        ],
        [
          'pipelines.a.stages.1 key',
          "stage 2 of 'a' lacks the key 'command'",
          "add a line such as 'command: node server.js'",
        ],
      ],
    ],
  ])('%j', (value, expected) => {
    expect(problemsOf(value)).toEqual(expected);
  });

  test('a misspelt key does not lack as well', () => {
    expect(problemsOf({ pipelines: { a: [{ comand: 'x' }] } }).map(([, message]) => message)).toEqual([
      "there is no key 'comand' here",
    ]);
  });

  test('a command that YAML took for a map is recognised', () => {
    expect(problemsOf({ pipelines: { a: [{ 'echo a': 'b' }] } })).toEqual([
      [
        'pipelines.a.0.echo a key',
        "there is no key 'echo a' here",
        "the keys are name, command, restart; if this is a command, put it in quotes, because it has ': ' in it",
      ],
    ]);
  });

  test('a value that is in itself has an end', () => {
    const list: unknown[] = [];
    list.push(list);
    const pipelines: Record<string, unknown> = { a: list };
    pipelines['b'] = pipelines;
    expect(problemsOf({ pipelines }).map(([text]) => text)).toEqual([
      ...['pipelines.a.0 value', 'pipelines.b key', 'pipelines.b.a key', 'pipelines.b.b key'],
    ]);
  });
});
