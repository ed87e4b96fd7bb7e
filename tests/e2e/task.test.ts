/** `procsup task` as users have it: what is run and printed, how it ends, and that nothing is left. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';
import { launch, ownPlaces, PROCSUP, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

/** With a cache of its own. */
function project(yaml: string, files: Readonly<Record<string, string>> = {}) {
  const cwd = scratch({ 'procsup.yaml': yaml, ...files });
  const env = { ...ownPlaces().env, XDG_CACHE_HOME: join(cwd, '.cache') };
  // A supervisor that was started for processes still writes while it ends, also where it is to be removed.
  onTestFinished(() =>
    until(() => withEnvironment(`XDG_STATE_HOME=${env.XDG_STATE_HOME}`).length === 0, 'the end of all'),
  );
  return {
    cwd,
    task: (...args: readonly string[]) => procsup(['task', ...args], { cwd, env }),
    start: (...args: readonly string[]) => launch(PROCSUP, ['task', ...args], { cwd, env }),
    procsup: (...args: readonly string[]) => procsup(args, { cwd, env }),
    read: (name: string) => (existsSync(join(cwd, name)) ? readFileSync(join(cwd, name), 'utf8') : ''),
    write: (name: string, text: string) => writeFileSync(join(cwd, name), text),
    remove: (name: string) => rmSync(join(cwd, name)),
  };
}

const pidIn = (text: string): number => Number(text.trim());

describe('what is run', () => {
  test('tasks after what they need, and the output of one alone as it is', async () => {
    const { task, read } = project(`
tasks:
  gen: echo gen >> order; printf 'no newline'; echo oops >&2
  build: { command: echo build >> order, depends_on: [gen] }
  all: { depends_on: [build] }
`);
    const one = await task('gen');
    expect(one).toMatchObject({ status: 0, stdout: 'no newline' });
    expect(one.stderr).toMatch(/^oops\nprocsup: task gen: succeeded in /);
    const all = await task('all');
    expect(all).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('gen   | no newline\n') as string,
    });
    expect(all.stderr).toMatch(/procsup: 2 tasks: 2 succeeded in .* \(critical path: gen -> build, /);
    expect(read('order')).toBe('gen\ngen\nbuild\n');
  });

  test('after a failure what runs may end and nothing more is started, with --continue all else is', async () => {
    const { task, read } = project(`
tasks:
  bad: exit 3
  after: { command: echo after >> ran, depends_on: [bad] }
  other: { command: echo other >> ran, depends_on: [fine] }
  fine: { command: "true" }
  all: { depends_on: [bad, after, other] }
`);
    const stopped = await task('bad', 'after', '-j1');
    expect(stopped.status).toBe(3);
    expect(stopped.stderr).toContain('not run: bad has failed');
    expect(read('ran')).toBe('');
    expect((await task('all', '--continue')).status).toBe(3);
    expect(read('ran')).toBe('other\n');
  });

  test('a task that takes too long has the status 124, and its tree is gone', async () => {
    const { task, read } = project(`
tasks:
  slow: { command: "sleep 1000 & echo $! > pid; wait", timeout: 300ms, retries: 1 }
`);
    const { status, stderr } = await task('slow');
    expect(status).toBe(124);
    expect(stderr).toContain('timed out; retrying (1 of 1)');
    expect(isAlive(pidIn(read('pid')))).toBe(false);
  });

  test('arguments go to the named tasks that take them', async () => {
    const { task } = project(`
tasks:
  show: { command: "printf '<%s>'", args: pass }
  plain: echo plain
`);
    expect((await task('show', '--', 'a b', '--json', '*')).stdout).toBe('<a b><--json><*>');
    const refused = await task('plain', '--', 'x');
    expect([refused.status, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain("'plain' takes no arguments");
  });

  test('an unknown name suggests the nearest one', async () => {
    const { status, stderr } = await project('tasks: { build: echo }').task('biuld');
    expect(status).toBe(2);
    expect(stderr).toContain("unknown task 'biuld'");
    expect(stderr).toContain("did you mean 'build'?");
  });

  test('an interactive task has our stdin, and others have none', async () => {
    const { start } = project(`
tasks:
  ask: { command: "read answer; echo got $answer", interactive: true }
  other: "cat; echo end"
`);
    const asking = start('ask');
    asking.child.stdin.end('blue\n');
    expect(await asking.ended).toMatchObject({ status: 0, stdout: 'got blue\n' });
    expect(await start('other').ended).toMatchObject({ status: 0, stdout: 'end\n' });
  });

  test('a lock is held by one task at a time', async () => {
    const { task, read } = project(`
tasks:
  a: { command: &c "mkdir busy && echo ok >> log; sleep 0.05; rmdir busy", lock: one }
  b: { command: *c, lock: one }
  c: { command: *c, lock: one }
`);
    expect((await task('a', 'b', 'c', '-j', '3')).status).toBe(0);
    expect(read('log')).toBe('ok\nok\nok\n');
  });
});

describe('the cache', () => {
  const YAML = `
tasks:
  gen: { command: "echo gen >> runs; cat in.txt > gen.txt; echo made", inputs: [in.txt], outputs: [gen.txt] }
  use: { command: "echo use >> runs; cat gen.txt", depends_on: [gen], inputs: [gen.txt], outputs: [] }
  bad: { command: "echo bad >> runs; exit 1", inputs: [in.txt], outputs: [] }
`;

  test('what is unchanged is not run: its outputs and its output are put back', async () => {
    const { task, read, write, remove } = project(YAML, { 'in.txt': 'one\n' });
    expect((await task('use')).stdout).toBe('gen | made\nuse | one\n');
    remove('gen.txt');
    const again = await task('use');
    expect(again.stdout).toMatch(
      /^gen \| cached, .* saved\ngen \| made\nuse \| cached, .* saved\nuse \| one\n$/,
    );
    expect([read('gen.txt'), read('runs')]).toEqual(['one\n', 'gen\nuse\n']);
    write('in.txt', 'two\n');
    const why = await task('use', '--dry-run', '--why', '--json');
    expect(JSON.parse(why.stdout)).toMatchObject([
      { name: 'gen', would: 'run', miss: { type: 'changed', changed: ['file in.txt'] } },
      { name: 'use', would: 'run' },
    ]);
    expect(read('runs')).toBe('gen\nuse\n');
    expect((await task('use', '--why')).stdout).toContain('gen | not cached: in.txt has changed\n');
    expect((await task('use', '--force')).stdout).not.toContain('cached');
  });

  test('a failure is not kept', async () => {
    const { task, read } = project(YAML, { 'in.txt': 'one\n' });
    expect([(await task('bad')).status, (await task('bad')).status]).toEqual([1, 1]);
    expect(read('runs')).toBe('bad\nbad\n');
  });

  test('twenty runs at once share one execution', async () => {
    const { task, read } = project(
      `tasks: { slow: { command: "echo run >> runs; sleep 1; echo done", inputs: [], outputs: [] } }`,
    );
    const runs = await Promise.all(Array.from({ length: 20 }, () => task('slow')));
    for (const run of runs) expect(run).toMatchObject({ status: 0, stdout: 'done\n' });
    expect(read('runs')).toBe('run\n');
  });
});

describe('processes', () => {
  test('one that is needed is started, and stopped after the last task that needs it', async () => {
    const {
      task,
      read,
      procsup: ask,
    } = project(`
processes:
  db: { command: "echo $$ > pid; exec sleep 1000", ready: { exec: test -s pid } }
tasks:
  a: { command: "kill -0 $(cat pid)", depends_on: [db] }
  b: { command: "kill -0 $(cat pid)", depends_on: [db, a] }
`);
    expect((await task('b')).status).toBe(0);
    await until(() => !isAlive(pidIn(read('pid'))), 'the end of what was started');
    expect((await ask('ps')).status).toBe(3);
  });

  test('one that fails fails the task, with the reason', async () => {
    const { task } = project(`
processes:
  db: { command: exit 5 }
tasks:
  a: { command: echo a, depends_on: { db: ready } }
`);
    const { status, stdout, stderr } = await task('a');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe("procsup: task a: not run: 'db.1' exited with status 5\n");
  });
});

describe('the end', () => {
  const YAML = `
tasks:
  long: "trap 'echo bye; exit 0' TERM; echo $$ > pid; echo up; while :; do sleep 0.05; done"
  deaf: "trap '' TERM INT; echo $$ > pid; echo up; while :; do sleep 0.05; done"
  next: { command: echo never, depends_on: [long] }
`;

  test('Ctrl-C stops in order, and starts nothing more', async () => {
    const { start, read } = project(YAML);
    const running = start('next', 'long');
    await running.printed('up');
    running.child.kill('SIGINT');
    const { status, stdout } = await running.ended;
    expect(status).toBe(130);
    expect(stdout).toContain('long | bye\n');
    expect(stdout).not.toContain('never');
    expect(isAlive(pidIn(read('pid')))).toBe(false);
  });

  test('a second one kills', async () => {
    const { start, read } = project(YAML);
    const running = start('deaf');
    await running.printed('up');
    running.child.kill('SIGTERM');
    running.child.kill('SIGTERM');
    // Two signals that are pending at once are one.
    const again = setInterval(() => running.child.kill('SIGTERM'), 200);
    expect((await running.ended).status).toBe(143);
    clearInterval(again);
    expect(isAlive(pidIn(read('pid')))).toBe(false);
  });

  test('kill -9 leaves nothing behind', async () => {
    const { start, read } = project(YAML);
    const running = start('deaf');
    await running.printed('up');
    running.child.kill('SIGKILL');
    await until(() => !isAlive(pidIn(read('pid'))), 'the end of what was started');
  });

  test('background processes of tasks are stopped at the end, and told', async () => {
    const { task, read } = project(`tasks: { a: "sleep 1000 & echo $! > pid; echo a" }`);
    const { status, stdout, stderr } = await task('a');
    expect([status, stdout]).toEqual([0, 'a\n']);
    expect(stderr).toContain(`stopped background processes of tasks: pid ${read('pid').trim()}`);
    expect(isAlive(pidIn(read('pid')))).toBe(false);
  });
});

describe('output', () => {
  test('a flood of several tasks is whole, line by line and in one piece', async () => {
    const { task } = project(`
tasks:
  a: seq 1 50000
  b: seq 1 50000
`);
    const numbers = Array.from({ length: 50_000 }, (_, at) => String(at + 1));
    for (const mode of ['prefixed', 'grouped']) {
      const { stdout } = await task('a', 'b', '--output', mode);
      const lines = stdout.trimEnd().split('\n');
      for (const name of ['a', 'b'])
        expect(lines.filter((line) => line.startsWith(`${name} | `)).map((line) => line.slice(4))).toEqual(
          numbers,
        );
      if (mode === 'grouped') expect(new Set([lines[0]?.[0], lines[49_999]?.[0]]).size).toBe(1);
    }
  });

  test('--output errors shows only what has failed', async () => {
    const { task } = project('tasks: { good: echo good, bad: "echo bad; exit 1" }');
    const { stdout } = await task('good', 'bad', '-k', '--output', 'errors');
    expect(stdout).toBe('bad  | bad\nbad  | failed with status 1\n');
  });

  test('a reader that goes ends the run quietly', async () => {
    const { cwd } = project('tasks: { a: "yes" }');
    const env = { ...ownPlaces().env, XDG_CACHE_HOME: join(cwd, '.cache') };
    const piped = launch('sh', ['-c', `"${PROCSUP}" task a 2>err | head -n 1`], { cwd, env });
    expect(await piped.ended).toMatchObject({ stdout: 'y\n' });
  });

  test('--json prints one object, and the output elsewhere', async () => {
    const { task } = project('tasks: { a: echo a, b: { command: exit 2, depends_on: [a] } }');
    const { status, stdout, stderr } = await task('b', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 2,
      tasks: [
        { name: 'a', result: 'succeeded', attempts: 1 },
        { name: 'b', result: 'failed', status: 2, why: 'status' },
      ],
    });
    expect(stderr).toContain('a | a\n');
  });
});

describe('--watch', () => {
  test('a change runs again what it concerns, and processes stay up', async () => {
    const { start, read, write } = project(
      `
processes:
  db: { command: "echo $$ >> pids; exec sleep 1000", ready: { exec: test -s pids } }
tasks:
  gen: { command: "echo gen; cat in.txt > gen.txt", inputs: [in.txt], outputs: [gen.txt] }
  test: { command: "echo test $(cat gen.txt); test ! -e fail", depends_on: [gen, db], inputs: [gen.txt, fail], outputs: [] }
  other: { command: echo other, inputs: [other.txt], outputs: [] }
`,
      { 'in.txt': 'one', 'other.txt': '' },
    );
    const running = start('test', 'other', '--watch');
    let told = '';
    running.child.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()));
    const waits = (times: number) =>
      until(() => told.split('waiting for changes').length > times, 'the end of a run');
    await waits(1);
    write('in.txt', 'two');
    await running.printed('test two');
    await waits(2);
    write('fail', '');
    await waits(3);
    running.child.kill('SIGINT');
    const { status, stdout } = await running.ended;
    expect(status).toBe(130);
    expect(stdout.split('\n').filter((line) => line === 'other | other')).toHaveLength(1);
    expect(stdout).toContain('test  | failed with status 1');
    const pids = read('pids').trim().split('\n');
    expect(pids).toHaveLength(1);
    await until(() => !isAlive(Number(pids[0])), 'the end of the process');
  });
});
