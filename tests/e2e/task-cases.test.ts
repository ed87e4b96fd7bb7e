/** `procsup task` where something is in the way: a full disk, a reader that goes, a program that ignores signals, our own end. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { isAlive, signalIfAlive, withEnvironment } from '../helpers/proc.ts';
import { launch, ownPlaces, PROCSUP, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';
import { hasScript, shellOnTerminal } from '../helpers/shell-on-terminal.ts';

function project(yaml: string) {
  const cwd = scratch({ 'procsup.yaml': yaml });
  const env = { ...ownPlaces().env, XDG_CACHE_HOME: join(cwd, '.cache') };
  onTestFinished(() =>
    until(() => withEnvironment(`XDG_STATE_HOME=${env.XDG_STATE_HOME}`).length === 0, 'the end of all'),
  );
  return {
    cwd,
    task: (...args: readonly string[]) => procsup(['task', ...args], { cwd, env }),
    /** `"$P"` is procsup. */
    shell: (script: string, ...args: readonly string[]) =>
      launch('sh', ['-c', script, 'sh', ...args], { cwd, env: { ...env, P: PROCSUP } }).ended,
    read: (name: string) => (existsSync(join(cwd, name)) ? readFileSync(join(cwd, name), 'utf8') : ''),
    write: (name: string, text: string): void => {
      mkdirSync(join(cwd, name, '..'), { recursive: true });
      writeFileSync(join(cwd, name), text);
    },
    files: (name: string) => readdirSync(join(cwd, name)).sort(),
  };
}

/** A file system of its own, in a namespace of its own: it takes no rights where the kernel lets users have them. */
const MOUNT = 'mkdir -p "$1" && mount -t tmpfs -o size=1m none "$1"';
const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, 'sh', tmpdir()], { stdio: 'ignore' }).status === 0;

test.skipIf(!canMount)('a full cache fails no task, and each says it once (needs unshare -rm)', async () => {
  const { shell, read, cwd } = project(`
tasks:
  gen: { command: "echo gen >> runs; echo made > gen.txt; echo made", inputs: [], outputs: [gen.txt] }
  use: { command: "echo use >> runs; cat gen.txt", depends_on: [gen], inputs: [gen.txt], outputs: [] }
`);
  const runs = ['1', '2', '3'].map((name) => `"$P" task use > out${name} 2>&1; echo $? >> statuses`);
  const script = `${MOUNT}; head -c 3000000 /dev/zero > "$1/filler" 2>&-; ${runs[0] ?? ''}; rm "$1/filler"; ${runs.slice(1).join('; ')}`;
  await shell(`exec unshare -rm sh -c '${script}' sh "$1"`, join(cwd, '.cache'));
  expect(read('statuses')).toBe('0\n0\n0\n');
  expect(read('out1').split('result not kept: no space left on device').length - 1).toBe(2);
  for (const name of ['gen', 'use'])
    expect(read('out1')).toContain(`${name} | result not kept: no space left on device\n`);
  // With room again it keeps as ever.
  expect(read('out2')).not.toContain('not kept');
  expect(read('out3')).toContain('2 tasks: 2 cached');
  expect(read('runs')).toBe('gen\nuse\ngen\nuse\n');
});

test('a reader that goes ends the run with the status of SIGPIPE, and what ran is gone', async () => {
  const { shell, read } = project('tasks: { a: "echo $$ > pid; exec yes" }');
  const { stdout } = await shell('{ "$P" task a 2> err; echo $? > status; } | head -n 1');
  expect(stdout).toBe('y\n');
  expect(read('status')).toBe('141\n');
  expect(isAlive(Number(read('pid').trim()))).toBe(false);
});

test('a task that ignores SIGTERM is killed some time after its time limit, with all that it has started', async () => {
  const { task, read } = project(`
tasks:
  deaf: { command: "trap '' TERM; sleep 1000 & echo $! > child; echo $$ > pid; while :; do wait; done", timeout: 300ms }
`);
  const { status, stderr } = await task('deaf');
  expect(status).toBe(124);
  expect(stderr).toContain('timed out');
  for (const name of ['pid', 'child']) expect(isAlive(Number(read(name).trim())), name).toBe(false);
});

test('outputs that are put back take away what is stale, and nothing else', async () => {
  const { task, files, write, read } = project(`
tasks:
  build: { command: "echo run >> runs; mkdir -p dist; cat in.txt > dist/$(cat in.txt).js", inputs: [in.txt], outputs: ["dist/*.js"] }
`);
  write('in.txt', 'one');
  expect((await task('build')).status).toBe(0);
  // Nothing is removed before a task runs.
  write('in.txt', 'two');
  expect((await task('build')).status).toBe(0);
  expect(files('dist')).toEqual(['one.js', 'two.js']);
  write('dist/notes.txt', 'mine');
  write('dist/stale.js', 'stale');
  write('in.txt', 'one');
  expect(await task('build')).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('cached') as string,
  });
  expect(read('runs')).toBe('run\nrun\n');
  expect(files('dist')).toEqual(['notes.txt', 'one.js']);
});

describe.runIf(hasScript)('an interactive task on a terminal', () => {
  test('is gone after kill -9 of procsup', async () => {
    const root = scratch({
      'procsup.yaml': `
tasks:
  ask: { command: "trap '' INT TERM HUP; echo $$ > pid; echo asks; while :; do sleep 0.1; done", interactive: true }
`,
    });
    const shell = shellOnTerminal(root);
    await shell.prompts();
    shell.type('"$P" task ask & echo "$!" > ours; fg\n');
    await shell.shows(/asks/);
    const pidIn = (name: string): number => Number(readFileSync(join(root, name), 'utf8').trim());
    const program = pidIn('pid');
    expect(isAlive(program)).toBe(true);
    signalIfAlive(pidIn('ours'), 'SIGKILL');
    await until(() => !isAlive(program), 'the end of the program');
  });
});
