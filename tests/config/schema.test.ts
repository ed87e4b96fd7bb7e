import { describe, expect, test } from 'vitest';
import { readAppFile } from '../../src/config/app-file.ts';
import { shapeIssues } from '../../src/config/schema/schema.ts';

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
  { port: 'auto' },
  { port: 3000 },
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
    [5, [[' value', 'the file must be a map, got 5', undefined]]],
    [[], [[' value', 'the file must be a map, got a list', undefined]]],
    [
      { pipeline: {} },
      [
        [
          'pipeline key',
          "unknown key 'pipeline'",
          "did you mean 'pipelines'? valid keys: port, env_expand, defaults, processes, pipelines, pools, caps, queues, tasks, scripts",
        ],
      ],
    ],
    [{ port: 'atuo' }, [['port value', "invalid value 'atuo' for 'port'", "did you mean 'auto'? use auto"]]],
    [
      { processes: { web: { tty: 'yes', stdin: 'closed', tyt: true } } },
      [
        ['processes.web.tty value', "'tty' in process 'web' must be true or false, got a string", undefined],
        ['processes.web.tyt key', "unknown key 'tyt'", "did you mean 'tty'?"],
        ['processes.web.stdin value', "invalid value 'closed' for 'stdin'", 'use open or null'],
      ],
    ],
    [{ processes: { web: { stdin: null }, b: { stdin: 'null', tty: true } } }, []],
    [
      { tasks: { a: { depends_on: ['b', { web: 'ready' }] } } },
      [
        [
          'tasks.a.depends_on.1 value',
          "item 2 of 'depends_on' in task 'a' must be a string, got a map",
          'write conditions as a map: depends_on: {web: ready, ...}',
        ],
      ],
    ],
    [{ pipelines: 'a' }, [['pipelines value', "'pipelines' must be a map, got a string", undefined]]],
    [
      { pipelines: { a: 5 } },
      [
        [
          'pipelines.a value',
          "pipeline 'a' must be a string, a list or a map, got 5",
          'put it in quotes: "5"',
        ],
      ],
    ],
    [
      { pipelines: { a: null } },
      [
        [
          'pipelines.a value',
          "pipeline 'a' must be a string, a list or a map, got no value",
          'add a value after the colon, or remove the key',
        ],
      ],
    ],
    [
      { pipelines: { a: [] } },
      [
        [
          'pipelines.a value',
          "pipeline 'a' must have at least one stage",
          'add a command, or remove the pipeline',
        ],
      ],
    ],
    [
      { pipelines: { a: { stages: [] } } },
      [
        [
          'pipelines.a.stages value',
          "'stages' in pipeline 'a' must have at least one stage",
          'add a command, or remove the pipeline',
        ],
      ],
    ],
    [
      { pipelines: { a: { restart: 'always' } } },
      [
        [
          'pipelines.a key',
          "missing key 'stages' in pipeline 'a'",
          "add a line such as 'stages: seq 10 | sort'",
        ],
      ],
    ],
    [
      { pipelines: { a: { stages: 'x', restart: 'on-faliure', foo: 1 } } },
      [
        [
          'pipelines.a.restart value',
          "invalid value 'on-faliure' for 'restart'",
          "did you mean 'on-failure'? use never, on-failure or always",
        ],
        ['pipelines.a.foo key', "unknown key 'foo'", 'valid keys: stages, restart, drain'],
      ],
    ],
    [
      { pipelines: { a: { stages: 'x', restart: false } } },
      [
        [
          'pipelines.a.restart value',
          "invalid value for 'restart': false",
          'use never, on-failure or always',
        ],
      ],
    ],
    [
      { pipelines: { a: ['x', true, ['y']] } },
      [
        [
          'pipelines.a.1 value',
          "stage 2 of pipeline 'a' must be a string or a map, got true",
          'put it in quotes: "true"',
        ],
        ['pipelines.a.2 value', "stage 3 of pipeline 'a' must be a string or a map, got a list", undefined],
      ],
    ],
    [
      { pipelines: { a: { stages: [{ command: 'x', name: 1 }] } } },
      [
        [
          'pipelines.a.stages.0.name value',
          "'name' in stage 1 of pipeline 'a' must be a string, got 1",
          'add a letter: plain numbers are used for stages without a name',
        ],
      ],
    ],
    [
      { pipelines: { a: { stages: [{ command: 5 }, {}] } } },
      [
        [
          'pipelines.a.stages.0.command value',
          "'command' in stage 1 of pipeline 'a' must be a string, got 5",
          'put it in quotes: "5"',
        ],
        [
          'pipelines.a.stages.1 key',
          "missing key 'command' in stage 2 of pipeline 'a'",
          "add a line such as 'command: node server.js'",
        ],
      ],
    ],
  ])('%j', (value, expected) => {
    expect(problemsOf(value)).toEqual(expected);
  });

  test('a misspelt key does not lack as well', () => {
    expect(problemsOf({ pipelines: { a: [{ comand: 'x' }] } }).map(([, message]) => message)).toEqual([
      "unknown key 'comand'",
    ]);
  });

  test('a command that YAML took for a map is recognised', () => {
    expect(problemsOf({ pipelines: { a: [{ 'echo a': 'b' }] } })).toEqual([
      [
        'pipelines.a.0.echo a key',
        "unknown key 'echo a'",
        "valid keys: name, command, restart; a command that contains ': ' must be in quotes",
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
