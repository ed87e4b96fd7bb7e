/** Pipelines of procsup.yaml: stages that are started, restarted and stopped as any process, on pipes that we hold. */
import { describe, expect, test } from 'vitest';
import { gone, project, type Project, type Row } from '../helpers/daemon.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { startWith, type Started } from '../helpers/start.ts';

interface Stage {
  readonly name?: string;
  readonly command: string;
  readonly restart?: string;
}

/** YAML is a superset of JSON. */
const appFile = (stages: readonly Stage[] | string, more: object = {}): Readonly<Record<string, string>> => ({
  'procsup.yaml': JSON.stringify({ pipelines: { ingest: { stages, ...more } } }),
});

/** Most leave something unread at their end, for which `down` waits as long as it may. */
const SOON = { drain: '200ms' };

const supervised = (stages: readonly Stage[], more: object = SOON): Project =>
  project('idle: exec sleep infinity', { files: appFile(stages, more) });

const foreground = (
  stages: readonly Stage[] | string,
  more: object = {},
  ...args: readonly string[]
): Started => startWith({ files: appFile(stages, more), args: ['start', ...args] });

const GEN = { name: 'gen', command: PUPPET };
const PARSE = { name: 'parse', command: PUPPET };
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${String(from + index)}\n`).join('');

const states = async (app: Project) =>
  Object.fromEntries((await app.ps('ingest')).map(({ name, state }) => [name, state]));
const rowOf = async (app: Project, name: string): Promise<Row> =>
  (await app.ps(name))[0] ?? expect.fail(`no ${name}`);
const exited = async (app: Project, name: string) =>
  expect(await app.run('wait', name, '--for', 'exited')).toMatchObject({ status: 0 });
const until = async (app: Project, name: string, state: string): Promise<void> => {
  while ((await rowOf(app, name)).state !== state);
};
const logsOf = async (app: Project, name: string) => (await app.run('logs', '--no-prefix', name)).stdout;

describe('in the foreground', () => {
  test('a pipeline runs as in a shell, and its end is one end', async () => {
    const run = foreground('seq 1000000 | sort -rn | head -n 2');
    expect(await run.ended).toMatchObject({ status: 0 });
    expect(run.textOf('ingest/3')).toBe('1000000\n999999\n');
    expect(run.stdout).toMatch(/ingest\/1 +exited|ingest\/1 (?:exited|was ended)/);
  });

  test.each([
    ['exit 3 | exit 4 | true', 4],
    ['exit 3 | true', 3],
    ['yes | head -n 1', 0],
    ['yes | exit 5', 5],
    ['true | no-such-program-x', 127],
  ])('the status of `%s` is that of the rightmost stage that failed: %i', async (stages, status) => {
    expect(await foreground(stages).ended).toMatchObject({ status });
    expect(await foreground(stages, {}, '--on-exit', 'keep').ended).toMatchObject({ status });
  });

  test('|& takes stderr along, and what goes nowhere else is printed', async () => {
    const run = foreground('{ echo out; echo err >&2; } |& cat -n | { cat; echo aside >&2; } | sort');
    expect(await run.ended).toMatchObject({ status: 0 });
    expect(run.textOf('ingest/1')).toBe('');
    expect(run.textOf('ingest/3')).toBe('aside\n');
    expect(run.textOf('ingest/4')).toBe('     1\tout\n     2\terr\n');
  });

  test('Ctrl-C stops the first stage; the others read what is left, and end by themselves', async () => {
    const run = foreground([GEN, PARSE, { command: 'cat' }]);
    const [gen, parse] = [await run.puppet('ingest/gen'), await run.puppet('ingest/parse')];
    await gen.print(numbers(1, 500));
    await parse.listen('SIGINT', 'SIGTERM');
    run.kill('SIGINT');
    await run.says(/ingest\/gen was terminated by SIGINT/);
    expect(await parse.relay(501)).toBe(500);
    expect(parse.heard).toEqual([]);
    parse.exit(0);
    expect(await run.ended).toMatchObject({ status: 0 });
    expect(run.textOf('ingest/3')).toBe(numbers(1, 500));
  });

  test('a stage that does not end with its input is stopped when the drain time is over', async () => {
    const run = foreground([GEN, PARSE], { drain: '200ms' });
    const parse = await run.puppet('ingest/parse');
    await run.puppet('ingest/gen');
    await parse.listen('SIGTERM');
    run.kill('SIGTERM');
    await parse.hears('SIGTERM');
    expect(run.stdout).toMatch(/ingest\/gen was terminated by SIGTERM/);
    parse.exit(0);
    expect(await run.ended).toMatchObject({ status: 0 });
  });
});

describe('under a supervisor', () => {
  test('a reader killed five times while 400 lines pass loses none of them, and the writer never notices', async () => {
    const app = supervised([
      { ...GEN, command: `sh -c 'seq 400; echo written >&2; exec ${PUPPET}'` },
      PARSE,
      { command: 'cat' },
    ]);
    await app.up('--restart-delay', '0');
    const gen = await app.puppet('ingest/gen');
    for (let killed = 0; killed < 5; killed += 1) {
      const parse = await app.puppet('ingest/parse');
      expect(await parse.relay(60)).toBe(60);
      process.kill(parse.pid, 'SIGKILL');
    }
    const last = await app.puppet('ingest/parse');
    expect(await last.relay(100)).toBe(100);
    await app.begin('logs', '-f', '--no-prefix', 'ingest/3').says('\n400\n');
    expect(await logsOf(app, 'ingest/3')).toBe(numbers(1, 400));
    expect(await rowOf(app, 'ingest/gen')).toMatchObject({ state: 'running', restarts: 0, pid: gen.pid });
    expect(await rowOf(app, 'ingest/parse')).toMatchObject({ state: 'running', restarts: 5 });
    expect(await rowOf(app, 'ingest/3')).toMatchObject({ state: 'running', restarts: 0 });
  });

  test('a writer that fills the pipe waits while its reader is away, and goes on', async () => {
    const lines = 300_000;
    const app = supervised([{ ...GEN, command: `seq ${String(lines)}` }, PARSE, { command: 'tail -n 1' }]);
    await app.up('--restart-delay', '0');
    const first = await app.puppet('ingest/parse');
    expect(await first.relay(10)).toBe(10);
    process.kill(first.pid, 'SIGKILL');
    const second = await app.puppet('ingest/parse');
    expect(await second.relay(lines)).toBe(lines - 10);
    second.exit(0);
    await exited(app, 'ingest/3');
    expect(await logsOf(app, 'ingest/3')).toBe(`${String(lines)}\n`);
    expect(await rowOf(app, 'ingest/gen')).toMatchObject({ state: 'exited', exit: { code: 0 }, restarts: 0 });
  });

  test('a reader sees no end of file while its writer is restarted, and one when that has ended for good', async () => {
    const app = supervised([GEN, { name: 'parse', command: 'cat' }]);
    await app.up('--restart-delay', '0');
    const first = await app.puppet('ingest/gen');
    const { pid } = await rowOf(app, 'ingest/parse');
    await first.print('one\n');
    first.die('SIGKILL');
    const second = await app.puppet('ingest/gen');
    await second.print('two\n');
    expect(await rowOf(app, 'ingest/parse')).toMatchObject({ state: 'running', pid });
    second.exit(0);
    await exited(app, 'ingest/parse');
    expect(await logsOf(app, 'ingest/parse')).toBe('one\ntwo\n');
  });

  test('a reader that has ended for good: its writer gets SIGPIPE, and is not brought back', async () => {
    const app = supervised([{ command: 'yes', restart: 'always' }, PARSE]);
    await app.up('--restart-delay', '0');
    const parse = await app.puppet('ingest/parse');
    await parse.relay(3);
    parse.exit(0);
    await exited(app, 'ingest/1');
    expect(await rowOf(app, 'ingest/1')).toMatchObject({ exit: { signal: 'SIGPIPE' }, restarts: 0 });
    // As a whole it can be started again, on new pipes.
    expect(await app.run('start', 'ingest')).toMatchObject({ status: 0 });
    expect(await (await app.puppet('ingest/parse')).relay(3)).toBe(3);
  });

  test('a start of all when the writer is over and the reader waits to be restarted: both have one pipe, nothing is lost', async () => {
    const app = supervised([{ ...GEN, restart: 'never' }, PARSE]);
    await app.up('--restart-delay', '1h');
    const [gen, parse] = [await app.puppet('ingest/gen'), await app.puppet('ingest/parse')];
    await gen.print('1\n');
    gen.exit(0);
    await exited(app, 'ingest/gen');
    parse.die('SIGKILL');
    await until(app, 'ingest/parse', 'backoff');
    // Free descriptors below those of the pipe.
    expect(await app.run('stop', 'idle')).toMatchObject({ status: 0 });
    expect(await app.run('start', 'ingest')).toMatchObject({ status: 0 });
    const [writer, reader] = [await app.puppet('ingest/gen'), await app.puppet('ingest/parse')];
    await writer.print('2\n');
    writer.exit(0);
    expect(await reader.relay(3)).toBe(2);
    reader.exit(0);
    await exited(app, 'ingest/parse');
    expect(await logsOf(app, 'ingest/parse')).toBe('1\n2\n');
  });

  test('one stage can be stopped, started and restarted; nothing is lost meanwhile', async () => {
    const app = supervised([GEN, PARSE, { command: 'cat' }]);
    await app.up();
    const gen = await app.puppet('ingest/gen');
    const first = await app.puppet('ingest/parse');
    await gen.print(numbers(1, 30));
    expect(await first.relay(10)).toBe(10);
    expect(await app.run('stop', 'ingest/parse')).toMatchObject({ status: 0 });
    expect(await states(app)).toEqual({
      'ingest/gen': 'running',
      'ingest/parse': 'stopped',
      'ingest/3': 'running',
    });
    expect(await app.run('start', 'ingest/parse')).toMatchObject({ status: 0 });
    const second = await app.puppet('ingest/parse');
    expect(await second.relay(10)).toBe(10);
    expect(await app.run('restart', 'ingest/parse')).toMatchObject({ status: 0 });
    const third = await app.puppet('ingest/parse');
    expect(await third.relay(10)).toBe(10);
    await app.begin('logs', '-f', '--no-prefix', 'ingest/3').says('30\n');
    expect(await logsOf(app, 'ingest/3')).toBe(numbers(1, 30));
    expect(await rowOf(app, 'ingest/gen')).toMatchObject({ pid: gen.pid });
  });

  test('a stop goes from first to last and drains; then it can be started anew', async () => {
    const app = supervised([GEN, PARSE, { command: 'cat' }], {});
    await app.up();
    const [gen, parse] = [await app.puppet('ingest/gen'), await app.puppet('ingest/parse')];
    await gen.print(numbers(1, 20));
    const stopping = app.begin('stop', 'ingest');
    await gone([gen.pid]);
    expect(await states(app)).toMatchObject({ 'ingest/parse': 'stopping', 'ingest/3': 'stopping' });
    expect(await parse.relay(21)).toBe(20);
    parse.exit(0);
    expect(await stopping.ended).toMatchObject({ status: 0 });
    expect(await states(app)).toEqual({
      'ingest/gen': 'stopped',
      'ingest/parse': 'stopped',
      'ingest/3': 'stopped',
    });
    expect(await logsOf(app, 'ingest/3')).toBe(numbers(1, 20));
    expect(await app.run('start', 'ingest')).toMatchObject({ status: 0 });
    expect(await states(app)).toEqual({
      'ingest/gen': 'running',
      'ingest/parse': 'running',
      'ingest/3': 'running',
    });
    await (await app.puppet('ingest/gen')).print('again\n');
    expect(await (await app.puppet('ingest/parse')).relay(1)).toBe(1);
  });

  test('a reload restarts the stage that has changed, and it goes on where the old one stopped', async () => {
    const app = supervised([GEN, PARSE, { command: 'cat' }]);
    await app.up();
    const gen = await app.puppet('ingest/gen');
    await gen.print(numbers(1, 20));
    expect(await (await app.puppet('ingest/parse')).relay(10)).toBe(10);
    const changed = [GEN, { ...PARSE, command: `FROM_NOW_ON=1 ${PUPPET}` }, { command: 'cat' }];
    app.write('procsup.yaml', JSON.stringify({ pipelines: { ingest: { stages: changed, drain: '1s' } } }));
    const { stdout } = await app.run('reload');
    expect(stdout).toContain('ingest/parse');
    expect(stdout).not.toMatch(/ingest\/gen|idle/);
    expect(await (await app.puppet('ingest/parse')).relay(10)).toBe(10);
    await app.begin('logs', '-f', '--no-prefix', 'ingest/3').says('20\n');
    expect(await logsOf(app, 'ingest/3')).toBe(numbers(1, 20));
    expect(await rowOf(app, 'ingest/gen')).toMatchObject({ pid: gen.pid });
  });

  test('has its place in ps, why, wait and the errors of scale', async () => {
    const app = supervised([{ command: 'exec sleep infinity' }, { name: 'sink', command: 'cat >/dev/null' }]);
    await app.up();
    expect((await app.ps()).map(({ name, process, instance }) => [name, process, instance])).toEqual([
      ['idle.1', 'idle', 1],
      ['ingest/1', 'ingest', 1],
      ['ingest/sink', 'ingest', 2],
    ]);
    expect(await app.run('why', 'ingest/sink')).toMatchObject({ status: 0, stderr: '' });
    expect(await app.run('wait', 'ingest', '--for', 'running')).toMatchObject({ status: 0 });
    const scaled = await app.run('scale', 'ingest=2');
    expect(scaled).toMatchObject({ status: 2 });
    expect(scaled.stderr).toContain("cannot scale 'ingest': it is a pipeline");
    expect(await app.run('restart', 'ingest/sinc')).toMatchObject({ status: 2 });
  });

  test('the supervisor killed: all stages go, and the next one can start', async () => {
    const files = appFile([GEN, PARSE], SOON);
    const app = project('idle: exec sleep infinity', { files, mayLeavePipes: true });
    const pid = await app.up();
    const stages = [await app.puppet('ingest/gen'), await app.puppet('ingest/parse')];
    process.kill(pid, 'SIGKILL');
    await gone(stages.map((stage) => stage.pid));
    await app.up();
    expect(await states(app)).toEqual({ 'ingest/gen': 'running', 'ingest/parse': 'running' });
  });
});
