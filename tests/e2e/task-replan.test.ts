/** `procsup task --watch` reads its files again: procsup.yaml, package.json and environment files. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';
import { launch, ownPlaces, PROCSUP } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

/** A watch that has run the tasks once. */
async function watching(files: Readonly<Record<string, string>>, ...names: readonly string[]) {
  const cwd = scratch(files);
  const env = { ...ownPlaces().env, XDG_CACHE_HOME: join(cwd, '.cache') };
  onTestFinished(() =>
    until(() => withEnvironment(`XDG_STATE_HOME=${env.XDG_STATE_HOME}`).length === 0, 'the end of all'),
  );
  const { child, ended } = launch(PROCSUP, ['task', ...names, '--watch'], { cwd, env });
  onTestFinished(() => void child.kill('SIGINT'));
  let told = '';
  let printed = '';
  child.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()));
  child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  let seen = 0;
  const lines = (): readonly string[] =>
    existsSync(join(cwd, 'runs')) ? readFileSync(join(cwd, 'runs'), 'utf8').split('\n').slice(0, -1) : [];
  let rounds = 0;
  /** The next run has ended. */
  const ran = async (): Promise<void> => {
    rounds += 1;
    await until(() => told.split('waiting for changes').length > rounds, `the end of run ${String(rounds)}`);
  };
  await ran();
  seen = lines().length;
  return {
    ran,
    /** The lines of `runs` since the last look. */
    runs(): readonly string[] {
      const fresh = lines().slice(seen);
      seen += fresh.length;
      return fresh;
    },
    write(name: string, text: string) {
      mkdirSync(join(cwd, name, '..'), { recursive: true });
      writeFileSync(join(cwd, name), text);
    },
    remove: (name: string) => rmSync(join(cwd, name)),
    read: (name: string) => (existsSync(join(cwd, name)) ? readFileSync(join(cwd, name), 'utf8') : ''),
    tells: (text: string) => until(() => told.includes(text), text),
    told: () => told,
    printed: () => printed,
    async end() {
      child.kill('SIGINT');
      expect((await ended).status).toBe(130);
    },
  };
}

/** Each writes its name and `word` into `runs`. */
const yaml = (word: string, more = '') => `
tasks:
  gen: { command: "echo gen ${word} >> runs; cat in.txt > gen.txt", inputs: [in.txt], outputs: [gen.txt] }
  use: { command: "echo use >> runs", depends_on: [gen], inputs: [gen.txt], outputs: [] }
  other: { command: "echo other >> runs", inputs: [other.txt], outputs: [] }
${more}`;
const FILES = { 'procsup.yaml': yaml('one'), 'in.txt': 'a', 'other.txt': 'a', 'new.txt': 'a' };

describe('procsup.yaml', () => {
  test('a changed command runs again, with what depends on it, and new inputs are watched', async () => {
    const app = await watching(FILES, 'use', 'other');
    app.write('procsup.yaml', yaml('two').replace('[in.txt]', '[in.txt, new.txt]'));
    await app.ran();
    expect(app.runs()).toEqual(['gen two', 'use']);
    app.write('new.txt', 'b');
    await app.ran();
    expect(app.runs()).toEqual(['gen two', 'use']);
    // What was watched before still is.
    app.write('other.txt', 'b');
    await app.ran();
    expect(app.runs()).toEqual(['other']);
    await app.end();
  });

  test('errors are told with their places, and the tasks go on as they were until they are corrected', async () => {
    const app = await watching(FILES, 'use', 'other');
    app.write('procsup.yaml', yaml('two').replace('inputs: [other.txt]', 'inptus: [other.txt]'));
    await app.tells('the tasks stay as they were until this is corrected');
    expect(app.told()).toMatch(
      /error: procsup\.yaml:5:\d+: unknown key 'inptus'[^]*help: did you mean 'inputs'/,
    );
    app.write('in.txt', 'b');
    await app.ran();
    expect(app.runs()).toEqual(['gen one', 'use']);
    app.write('procsup.yaml', yaml('two'));
    await app.ran();
    expect(app.runs()).toEqual(['gen two', 'use']);
    await app.end();
  });

  test('a name of the command line that is gone is told, and a task that is gone otherwise is dropped', async () => {
    const app = await watching(FILES, 'use', 'other');
    app.write('procsup.yaml', 'tasks: { other: { command: "false", inputs: [other.txt], outputs: [] } }');
    await app.tells("unknown task 'use'");
    await app.tells('the tasks stay as they were until this is corrected');
    app.write(
      'procsup.yaml',
      `tasks:
  use: { command: "echo use alone >> runs", inputs: [gen.txt], outputs: [] }
  other: { command: "echo other >> runs", inputs: [other.txt], outputs: [] }
`,
    );
    await app.ran();
    expect(app.runs()).toEqual(['use alone']);
    // `gen` is no longer there to run, and what it made is an input as any other.
    app.write('in.txt', 'b');
    app.write('gen.txt', 'b');
    await app.ran();
    expect(app.runs()).toEqual(['use alone']);
    await app.end();
  });

  test('what changes no task is told, and runs none', async () => {
    const app = await watching(FILES, 'use', 'other');
    app.write('procsup.yaml', `# a comment\n${yaml('one')}`);
    await app.tells('procsup.yaml changed; no task has to run again');
    app.write('in.txt', 'b');
    await app.ran();
    expect(app.runs()).toEqual(['gen one', 'use']);
    await app.end();
  });

  test('a pattern on the command line finds a new task', async () => {
    const app = await watching(FILES, '*e*');
    app.write(
      'procsup.yaml',
      yaml('one', '  extra: { command: "echo extra >> runs", inputs: [], outputs: [] }\n'),
    );
    await app.ran();
    expect(app.runs()).toEqual(['extra']);
    await app.end();
  });
});

describe('other files', () => {
  test('an environment file: what counts its variables runs again, also when it is removed', async () => {
    const app = await watching(
      {
        'procsup.yaml': `
tasks:
  show: { command: "echo show $MODE >> runs", inputs: [], outputs: [], env: [MODE] }
  own: { command: "echo own $X >> runs", inputs: [], outputs: [], env_file: [{ path: own.env, required: false }] }
`,
        '.env': 'MODE=one\n',
        'own.env': 'X=1\n',
      },
      'show',
      'own',
      '-j1',
    );
    app.write('.env', 'MODE=two\n');
    await app.ran();
    app.write('own.env', 'X=2\n');
    await app.ran();
    app.remove('own.env');
    await app.ran();
    expect(app.runs()).toEqual(['show two', 'own 2', 'own']);
    await app.end();
  });

  test('package.json, and that of a new package of the workspace', async () => {
    const script = (text: string) =>
      JSON.stringify({ name: 'web', scripts: { build: `echo ${text} >> ../../runs` } });
    const app = await watching(
      {
        'procsup.yaml':
          'tasks: { "*#build": { inputs: [src/**], outputs: [] }, all: { depends_on: ["*#build"] } }',
        'package.json': JSON.stringify({ name: 'root', workspaces: ['packages/*'] }),
        'packages/web/package.json': script('web'),
      },
      'all',
    );
    app.write('packages/web/package.json', script('web2'));
    await app.ran();
    app.write('packages/api/package.json', script('api').replace('"web"', '"api"'));
    await app.ran();
    expect(app.read('runs')).toBe('web\nweb2\napi\n');
    await app.end();
  });
});

describe('processes', () => {
  const db = (name: string) =>
    `  ${name}: { command: "echo $$ >> ${name}.pids; exec sleep 1000", ready: { exec: test -s ${name}.pids } }\n`;
  const withProcesses = (processes: string, needs: string) =>
    `processes:\n${processes}tasks:\n  test: { command: "echo test ${needs}", depends_on: [${needs}], inputs: [in.txt], outputs: [] }\n`;

  test('stay up, are started when they are newly needed, and stopped when they no longer are', async () => {
    const app = await watching(
      { 'procsup.yaml': withProcesses(db('a') + db('b'), 'a, b'), 'in.txt': '' },
      'test',
    );
    const pidOf = (name: string) => Number(app.read(`${name}.pids`).trim());
    const [a, b] = [pidOf('a'), pidOf('b')];
    app.write('procsup.yaml', withProcesses(db('a') + db('b') + db('c') + db('idle'), 'a, c'));
    await app.ran();
    expect(app.printed()).toContain('test a, c\n');
    expect([pidOf('a'), isAlive(a), isAlive(b), isAlive(pidOf('c'))]).toEqual([a, true, false, true]);
    // What no task needs is not started because the file was read again.
    expect(app.read('idle.pids')).toBe('');
    const c = pidOf('c');
    await app.end();
    await until(() => ![a, c].some(isAlive), 'the end of the processes');
  });
});
