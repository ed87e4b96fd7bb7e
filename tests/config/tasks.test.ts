/** `tasks` and `scripts` in procsup.yaml, and the scripts of package.json: which tasks there are, and what is told. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTasks } from '../../src/config/load-tasks.ts';
import type { Task } from '../../src/core/task/task.ts';
import { scratch } from '../helpers/scratch.ts';

type Files = Readonly<Record<string, string | object>>;

const project = (files: Files): string =>
  realpathSync(
    scratch(
      Object.fromEntries(
        Object.entries(files).map(([name, content]) => [
          name,
          typeof content === 'string' ? content : JSON.stringify(content, null, 2),
        ]),
      ),
    ),
  );

const load = (root: string, taskNames: readonly string[] = []) =>
  loadTasks({ root, taskNames }, { PATH: '/usr/bin' }, root);

async function tasksIn(files: Files, named?: readonly string[]): Promise<ReadonlyMap<string, Task>> {
  const { value, problems } = await load(project(files), named);
  if (value === undefined) expect.fail(JSON.stringify(problems));
  return new Map(value.tasks.map((task) => [task.name, task]));
}

async function taskIn(yaml: string, name: string, files: Files = {}): Promise<Task> {
  const task = (await tasksIn({ 'procsup.yaml': yaml, ...files })).get(name);
  return task ?? expect.fail(`no task ${name}`);
}

async function problemsIn(yaml: string, files: Files = {}): Promise<readonly string[]> {
  const { problems } = await load(project({ 'procsup.yaml': yaml, ...files }));
  return problems.map(({ code, message, remedy, place }) =>
    [code, message, remedy, place && `${String(place.line)}:${String(place.column)}`].join(' | '),
  );
}

const needsOf = ({ needs }: Task) =>
  needs.map((need) => [need.name, need.kind === 'process' ? need.until : need.kind]);

describe('what a task is', () => {
  test('all keys', async () => {
    const root = project({
      'web/.env.test': 'LEVEL=1\n',
      'procsup.yaml': `
caps: {db: 2}
tasks:
  test:
    command: vitest run
    description: All tests of the page.
    working_dir: web
    env_file: web/.env.test
    environment: {CI: 1}
    inputs: [src/**, '!src/**/*.md']
    outputs: []
    env: [NODE_ENV, 'VITE_*']
    tools: node --version
    cache: {max_age: 1d}
    timeout: 5m
    retries: 2
    uses: db
    lock: browser
    args: pass
    interactive: false
`,
    });
    const { value, problems } = await load(root);
    expect(problems).toEqual([]);
    expect(value?.caps).toEqual([{ name: 'db', soft: 2, hard: Infinity }]);
    expect(value?.tasks).toEqual([
      {
        ...{ name: 'test', command: 'vitest run', description: 'All tests of the page.' },
        place: expect.objectContaining({ line: 4, column: 3 }) as object,
        workingDir: join(root, 'web'),
        ...{ fileVariables: { LEVEL: '1' }, environment: { CI: '1' }, needs: [] },
        ...{ inputs: ['src/**', '!src/**/*.md'], outputs: [], env: ['NODE_ENV', 'VITE_*'] },
        ...{ tools: ['node --version'], cache: { enabled: true, maxAgeMs: 86_400_000 } },
        ...{ timeoutMs: 300_000, retries: 2, uses: [{ cap: 'db', amount: 1 }], lock: 'browser' },
        ...{ takesArguments: true, interactive: false, saidAt: expect.anything() as object },
      },
    ]);
  });

  test('a command alone is short for a map; words need no shell', async () => {
    const tasks = await tasksIn({ 'procsup.yaml': 'tasks: {lint: eslint ., say: [echo, a b]}' });
    expect([...tasks.values()].map(({ name, command }) => [name, command])).toEqual([
      ['lint', 'eslint .'],
      ['say', "exec echo 'a b'"],
    ]);
    expect(tasks.get('lint')).toMatchObject({ cache: { enabled: true }, retries: 0, takesArguments: false });
    expect(tasks.get('lint')?.outputs).toBeUndefined();
  });

  test('without a command it stands for what it depends on', async () => {
    const yaml = 'tasks: {ci: {depends_on: [a, b]}, a: "true", b: "true"}';
    const ci = await taskIn(yaml, 'ci', { 'package.json': { scripts: { ci: 'echo other' } } });
    expect(ci.command).toBeUndefined();
    expect(needsOf(ci)).toEqual([
      ['a', 'task'],
      ['b', 'task'],
    ]);
  });

  test('needs processes until they are ready, tasks among them until they have succeeded', async () => {
    const yaml = `
processes:
  db: {command: sleep 9}
  seed: {command: 'true', kind: task}
tasks:
  a: {command: 'true', depends_on: [db, seed]}
  b: {command: 'true', depends_on: {db: started, a: succeeded}}
  c: {command: 'true', depends_on: {db: {condition: ready}}}
`;
    const tasks = await tasksIn({ 'procsup.yaml': yaml });
    expect([...tasks.values()].map(needsOf)).toEqual([
      [
        ['db', 'ready'],
        ['seed', 'succeeded'],
      ],
      [
        ['db', 'started'],
        ['a', 'task'],
      ],
      [['db', 'ready']],
    ]);
  });
});

describe('what is wrong', () => {
  test.each([
    ['tasks: {a: {depends_on: [b]}}', "'a' depends on the unknown task or process 'b'", 'known ones: a'],
    ['tasks: {build: x, a: {depends_on: [biuld]}}', 'unknown task', "did you mean 'build'?"],
    ['tasks: {a: {inputs: [x]}}', "task 'a' has no command", "add 'command'"],
    ['processes: {a: {command: x}}\ntasks: {a: x}', 'it is also a process', 'rename one of them'],
    [
      'tasks: {a: x, b: {command: x, depends_on: {a: ready}}}',
      'cannot wait until the task',
      "use 'succeeded'",
    ],
    ['tasks: {a: {command: x, depends_on: {b: reddy}}}', "invalid value 'reddy'", "did you mean 'ready'?"],
    ['tasks: {a: {command: x, outputs: [../b]}}', 'outside the directory', 'working_dir'],
    ...['/etc/b', '"*/../../b"'].map((output) => [
      `tasks: {a: {command: x, outputs: [${output}]}}`,
      'outside the directory',
      'working_dir',
    ]),
    ...['.', './', '"*"', '"**"', '"**/*"'].map((output) => [
      `tasks: {a: {command: x, outputs: [${output}]}}`,
      'all files of the directory',
      'dist/**',
    ]),
    ['tasks: {a: {command: x, deps: [b]}}', "unknown key 'deps'", "use 'depends_on'"],
    ['tasks: {a: {command: x, timeout: 0}}', "invalid value 0 for 'timeout'", 'remove the key'],
    ['tasks: {"a b": x}', "invalid task name 'a b'", 'use letters'],
    ['tasks: {a: {command: x, args: yes}}', 'invalid value', 'use pass'],
    ['tasks: {a: {command: "npm:x"}}', 'there is no package.json', 'write a command'],
    ['tasks: {a: {command: x, depends_on: [^b]}}', 'belongs to no package', "use '*#b'"],
    ['tasks: {a: {command: x, depends_on: ["b:*"]}}', "no task matches 'b:*'", 'check the pattern'],
    ['tasks: {"web#a": {inputs: [x]}}', "unknown package 'web'", 'workspaces'],
    ['tasks: {a: {command: x, depends_on: [b]}, b: {command: x, depends_on: [a]}}', 'a -> b -> a', ''],
    ['tasks: {a: {command: x, uses: db}}', 'db', ''],
    [
      'tasks: {a: {command: x, outputs: [dist/**]}, b: {command: x, outputs: [dist/*.js]}}',
      "outputs of 'a' and 'b' overlap",
      "take the other's back",
    ],
    ['tasks: {a: ""}', 'empty command', 'add one'],
    ['tasks: {a: {command: x, working_dir: gone}}', "cannot run in 'gone'", 'create it'],
    ['tasks: {a: 5}', "task 'a' must be", 'quotes'],
  ])('%s', async (yaml, message, remedy) => {
    const all = await problemsIn(yaml);
    expect(all.some((one) => one.includes(message) && one.includes(remedy))).toBe(true);
  });

  test('a result that is wanted but cannot be kept is a warning', async () => {
    expect(await problemsIn('tasks: {a: {command: x, cache: true, inputs: [b]}}')).toEqual([
      "task-never-cached | the results of 'a' are not kept, because it has no 'outputs' | name them, or write 'outputs: []' if only its success counts | 1:25",
    ]);
    expect(await problemsIn('tasks: {a: {command: x, inputs: [b]}}')).toEqual([]);
  });
});

const MONOREPO: Files = {
  'package.json': {
    workspaces: ['packages/*', '!packages/old', 'tools'],
    scripts: { build: 'tsc -b', prelint: 'echo before', lint: 'eslint .', all: 'procsup task ci' },
  },
  'packages/core/package.json': {
    name: '@acme/core',
    version: '1.2.3',
    scripts: { build: 'tsc', test: 'vitest' },
  },
  'packages/web/package.json': {
    name: 'web',
    dependencies: { '@acme/core': '*', react: '19' },
    scripts: { build: 'vite build && cp a b' },
  },
  'packages/old/package.json': { name: 'old', scripts: { build: 'false' } },
  'packages/deep/down/package.json': { name: 'down', scripts: { build: 'false' } },
  'tools/package.json': { name: 'tools', scripts: { check: 'true' } },
};

describe('scripts', () => {
  test('scripts: true makes tasks of all, those of a workspace with their package', async () => {
    const tasks = await tasksIn({ ...MONOREPO, 'procsup.yaml': 'scripts: true' });
    expect([...tasks.keys()]).toEqual([
      ...['build', 'lint', '@acme/core#build', '@acme/core#test', 'web#build', 'tools#check'],
    ]);
  });

  test('one that is named needs no mention, nor a procsup.yaml', async () => {
    const tasks = await tasksIn(MONOREPO, ['npm:build', 'web#build']);
    expect([...tasks.keys()]).toEqual(['npm:build', 'web#build']);
    expect(tasks.get('npm:build')).toMatchObject({ command: 'tsc -b', takesArguments: true });
  });

  test('run in their package, with its programs and variables', async () => {
    const root = project(MONOREPO);
    const { value } = await load(root, ['@acme/core#build']);
    const directory = join(root, 'packages/core');
    expect(value?.tasks[0]).toMatchObject({
      workingDir: directory,
      environment: {
        PATH:
          [directory, join(root, 'packages'), root].map((one) => `${one}/node_modules/.bin`).join(':') +
          ':/usr/bin',
        npm_lifecycle_event: 'build',
        npm_package_name: '@acme/core',
        npm_package_version: '1.2.3',
        npm_package_json: join(directory, 'package.json'),
      },
    });
  });

  test('arguments go to the end of the script, between those before and after it', async () => {
    const tasks = await tasksIn({ ...MONOREPO, 'procsup.yaml': 'scripts: true' });
    expect(tasks.get('web#build')?.command).toBe('vite build && cp a b "$@"');
    expect(tasks.get('lint')?.command).toBe('{ echo before\n} && { eslint . "$@"\n}');
  });

  test('*#NAME says something of every package, PACKAGE#NAME of one; ^NAME is that of what it depends on', async () => {
    const tasks = await tasksIn({
      ...MONOREPO,
      'procsup.yaml': `
tasks:
  '*#build': {depends_on: [^build], inputs: [src/**], outputs: [dist/**]}
  web#build: {outputs: [out/**]}
  ci: {depends_on: ['*#build', npm:lint]}
`,
    });
    expect(needsOf(tasks.get('web#build') ?? expect.fail())).toEqual([['@acme/core#build', 'task']]);
    expect(needsOf(tasks.get('@acme/core#build') ?? expect.fail())).toEqual([]);
    expect(tasks.get('web#build')).toMatchObject({ inputs: ['src/**'], outputs: ['out/**'] });
    expect(tasks.get('@acme/core#build')).toMatchObject({ outputs: ['dist/**'], command: 'tsc' });
    expect(needsOf(tasks.get('ci') ?? expect.fail()).map(([name]) => name)).toEqual([
      ...['@acme/core#build', 'web#build', 'npm:lint'],
    ]);
    expect([...tasks.keys()]).toContain('npm:lint');
  });

  test('npm:NAME as a command', async () => {
    const yaml = 'tasks: {build: {command: npm:build, inputs: [src/**], outputs: [dist/**]}}';
    expect(await taskIn(yaml, 'build', MONOREPO)).toMatchObject({ command: 'tsc -b', outputs: ['dist/**'] });
    expect(await problemsIn('tasks: {a: {command: npm:biuld}}', MONOREPO)).toEqual([
      expect.stringContaining("did you mean 'build'?"),
    ]);
  });

  test('one that runs tasks is none: it would start itself', async () => {
    const tasks = await tasksIn({ ...MONOREPO, 'procsup.yaml': 'scripts: true' });
    expect(tasks.has('all')).toBe(false);
  });

  test('a process keeps its name', async () => {
    const tasks = await tasksIn({
      ...MONOREPO,
      'procsup.yaml':
        'scripts: true\nprocesses: {build: {command: x}}\ntasks: {a: {command: x, depends_on: [build, npm:build]}}',
    });
    expect(tasks.has('build')).toBe(false);
    expect(needsOf(tasks.get('a') ?? expect.fail())).toEqual([
      ['build', 'ready'],
      ['npm:build', 'task'],
    ]);
  });

  test('pnpm-workspace.yaml, and yarn’s way, name packages as well', async () => {
    const packages: Files = {
      'a/b/package.json': { name: 'b', scripts: { x: 'true' } },
      'a/b/c/package.json': { name: 'c', scripts: { x: 'true' } },
      'a/node_modules/d/package.json': { name: 'd', scripts: { x: 'true' } },
      'procsup.yaml': 'scripts: true',
    };
    const pnpm = { ...packages, 'pnpm-workspace.yaml': "packages: ['a/**']\n" };
    expect([...(await tasksIn(pnpm)).keys()]).toEqual(['b#x', 'c#x']);
    const yarn = { ...packages, 'package.json': { workspaces: { packages: ['a/*'] } } };
    expect([...(await tasksIn(yarn)).keys()]).toEqual(['b#x']);
  });

  test('a package.json that cannot be read is a warning', async () => {
    expect(await problemsIn('scripts: true', { 'package.json': '{' })).toEqual([
      expect.stringMatching(/package-unreadable .* not JSON/),
    ]);
  });
});
