import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadApp, type AppOptions } from '../../src/config/load-app.ts';
import { scratch } from '../helpers/scratch.ts';

const load = (files: Readonly<Record<string, string>>, options: AppOptions = {}) =>
  loadApp(options, { HOME: '/home' }, scratch(files));
const summary = async (files: Readonly<Record<string, string>>, options: AppOptions = {}) => {
  const { value, problems } = await load(files, options);
  return value === undefined
    ? problems.map(({ message }) => message)
    : { procfile: value.procfile, processes: value.processes, pipelines: value.pipelines };
};

const YAML = 'pipelines:\n  ingest: seq 3 | cat\n';
const NO_PROCFILE = "cannot read the Procfile 'Procfile': no such file";

describe('procsup.yaml', () => {
  test.each<[string, Record<string, string>, AppOptions, unknown]>([
    [
      'beside a Procfile',
      { Procfile: 'web: x', 'procsup.yaml': YAML },
      {},
      { procfile: 'Procfile', processes: ['web', 'ingest'], pipelines: ['ingest'] },
    ],
    [
      'instead of a Procfile',
      { 'procsup.yaml': YAML },
      {},
      { procfile: null, processes: ['ingest'], pipelines: ['ingest'] },
    ],
    [
      'of the root',
      { 'd/P': 'web: x', 'd/procsup.yaml': YAML, 'procsup.yaml': 'wrong' },
      { file: 'd/P' },
      { procfile: 'd/P', processes: ['web', 'ingest'], pipelines: ['ingest'] },
    ],
    [
      'of -C',
      { 'd/P': 'web: x', 'd/procsup.yaml': 'wrong', 'procsup.yaml': YAML },
      { file: 'd/P', root: '.' },
      { procfile: 'd/P', processes: ['web', 'ingest'], pipelines: ['ingest'] },
    ],
    [
      'that is empty',
      { Procfile: 'web: x', 'procsup.yaml': '' },
      {},
      { procfile: 'Procfile', processes: ['web'], pipelines: [] },
    ],
    [
      'is not read where pipelines are no concern',
      { Procfile: 'web: x', 'procsup.yaml': 'wrong' },
      { withoutPipelines: true },
      { procfile: 'Procfile', processes: ['web'], pipelines: [] },
    ],
    ['that is empty needs a Procfile', { 'procsup.yaml': '# nothing' }, {}, [NO_PROCFILE]],
    ['needs the Procfile that was named', { 'procsup.yaml': YAML }, { file: 'Procfile' }, [NO_PROCFILE]],
    [
      'needs the Procfile that .env names',
      { 'procsup.yaml': YAML, '.env': 'PROCFILE=Procfile' },
      {},
      [NO_PROCFILE],
    ],
    ['beside an empty Procfile', { 'procsup.yaml': YAML, Procfile: '' }, {}, ["no processes in 'Procfile'"]],
    [
      'that is no YAML is the only thing wrong',
      { 'procsup.yaml': 'pipelines: "' },
      { names: ['ingest'] },
      ['missing closing "quote'],
    ],
    [
      'is judged together with the rest',
      { Procfile: 'web: x\nweb: y', 'procsup.yaml': 'pipelines:\n  web: x | \n  y: {}' },
      { port: 'z' },
      [
        "duplicate process name 'web' in lines 1 and 2",
        "missing key 'stages' in pipeline 'y'",
        "missing command after '|'",
        "duplicate name 'web': it is also a process (Procfile:1)",
        "invalid port 'z'",
      ],
    ],
    [
      'that is too large',
      { Procfile: 'web: x', 'procsup.yaml': 'x'.repeat(262_145) },
      {},
      ["cannot read 'procsup.yaml': file too long (the limit is 262144 characters)"],
    ],
    [
      'that is a directory',
      { Procfile: 'web: x', 'procsup.yaml/x': '' },
      {},
      ["cannot read 'procsup.yaml': is a directory"],
    ],
  ])('%s', async (_, files, options, expected) => {
    expect(await summary(files, options)).toEqual(expected);
  });

  test('that is a circle of links', async () => {
    const cwd = scratch({ Procfile: 'web: x' });
    symlinkSync('procsup.yaml', join(cwd, 'procsup.yaml'));
    const { problems } = await loadApp({}, {}, cwd);
    expect(problems.map(({ message }) => message)).toEqual([
      "cannot read 'procsup.yaml': too many levels of symbolic links",
    ]);
  });

  test('problems in a command are where it stands in the file', async () => {
    const { problems } = await load({ 'procsup.yaml': 'pipelines:\n  ingest:\n    stages: "a \\t| | b"\n' });
    expect(problems).toMatchObject([
      {
        code: 'pipe-empty-stage',
        place: { file: 'procsup.yaml', line: 3, column: 20, length: 1, text: '    stages: "a \\t| | b"' },
      },
    ]);
  });

  test('names the path as the user would write it', async () => {
    const { problems } = await load({ 'd/procsup.yaml': 'x: y' }, { root: 'd' });
    expect(problems.map(({ place }) => place?.file)).toEqual([undefined, 'd/procsup.yaml']);
  });

  test('is what a plan is made anew from', async () => {
    const { input } = await load({ 'procsup.yaml': YAML });
    expect(input).toMatchObject({ procfile: 'none', appFile: { pipelines: [{ name: 'ingest' }] } });
  });
});

test('procsup.yml is not read, and a warning says so', async () => {
  const files = { Procfile: 'web: x', 'procsup.yml': YAML };
  const { value, problems } = await load(files);
  expect(value?.pipelines).toEqual([]);
  expect(problems).toEqual([
    {
      code: 'app-file-misnamed',
      severity: 'warning',
      message: "'procsup.yml' is ignored: the file name must be procsup.yaml",
      remedy: "rename it with 'mv procsup.yml procsup.yaml'",
    },
  ]);
  expect((await load({ ...files, 'procsup.yaml': '' })).problems).toEqual([]);
});

test('the example of the documentation is valid', async () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/pipelines.md'), 'utf8');
  const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
  const { value, problems } = await load({ 'procsup.yaml': example });
  expect(problems).toEqual([]);
  expect(value?.instances.map(({ name }) => name)).toEqual([
    ...['ingest/1', 'ingest/parse', 'ingest/3', 'numbers/1', 'numbers/2'],
  ]);
});
