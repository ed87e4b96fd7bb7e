/** The shells of a pool with real jobs: what they write, how they end, and what they leave behind. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import { createPipePool } from '../../../src/os/pipes/pool.ts';
import { readInto } from '../../../src/os/pipes/reader.ts';
import { createJobShells } from '../../../src/os/pool/shells.ts';
import { createProcessGroups } from '../../../src/os/process/groups.ts';
import type { Guard, ProcessGroups } from '../../../src/ports/processes.ts';
import { newRunTag } from '../../../src/host/run-tag.ts';
import { inTime, until } from '../../helpers/eventually.ts';
import { isAlive } from '../../helpers/proc.ts';
import { scratch } from '../../helpers/scratch.ts';

interface Result {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

function openShells(fakes: { groups?: Pick<ProcessGroups, 'presenceOf'>; guard?: Guard } = {}) {
  const root = scratch();
  const buffer = Buffer.alloc(64 * 1024);
  const pipes = createPipePool(0);
  const groups = createProcessGroups();
  const runTag = newRunTag();
  const guarded = new Set<number>();
  const shells = createJobShells({
    ...{ pipes, groups, runTag, root, prelude: '', openReader: readInto(buffer) },
    guard: { add: (pid) => void guarded.add(pid), remove: (pid) => void guarded.delete(pid) },
    env: { PATH: process.env['PATH'] ?? '' },
    ...fakes,
  });
  onTestFinished(async () => {
    groups.signalMarked(runTag, 'SIGKILL');
    await shells.close();
    shells.release?.();
    pipes.close();
  });
  let seq = 0;
  const start = (command: string, slot: number, ended: (result: Result) => void): Promise<never> => {
    const told = { stdout: '', stderr: '' };
    seq += 1;
    return new Promise((_, reject) => {
      shells.start(
        slot,
        { seq, command },
        {
          data: (stream, byteCount) => void (told[stream] += buffer.toString('latin1', 0, byteCount)),
          ended: (exit) => ended({ exit, ...told }),
          refused: ({ message }) => reject(new Error(message)),
        },
      );
    });
  };
  const run = (command: string, slot = 1): Promise<Result> =>
    inTime(
      new Promise<Result>((resolve, reject) => void start(command, slot, resolve).catch(reject)),
      command,
    );
  /** The second one is started while the end of the first one is told, as the engine does it. */
  const startBoth = (first: string, second: string): Promise<Result> =>
    inTime(
      new Promise<Result>((resolve, reject) => {
        const next = (): void => void start(second, 1, resolve).catch(reject);
        void start(first, 1, next).catch(reject);
      }),
      second,
    );
  return { run, startBoth, shells, groups, runTag, guarded, root, pipes };
}

const code = (status: number): Exit => ({ by: 'code', code: status });

test('jobs run one after the other in one shell, each with its own output and status', async () => {
  const { run, guarded } = openShells();
  expect(await run('echo a; echo b >&2; exit 3')).toEqual({ exit: code(3), stdout: 'a\n', stderr: 'b\n' });
  const shellOf = [...guarded];
  expect(await run('true')).toEqual({ exit: code(0), stdout: '', stderr: '' });
  expect((await run('echo $PARALLEL_SEQ $PARALLEL_JOBSLOT; cat')).stdout).toBe('3 1\n');
  expect([...guarded]).toEqual(shellOf);
});

test.each([
  ['a syntax error', 'echo ( a', 2],
  ['an unclosed quote', "echo 'a", 2],
  ['an unclosed block', 'if true; then', 2],
  ['a missing program', '/no/such/program', 127],
  ['an argument of 200 KB', `/bin/echo ${'x'.repeat(200_000)}`, 126],
])('%s fails that job, is told on its stderr, and leaves the shell as it is', async (_, command, status) => {
  const { run, guarded } = openShells();
  await run('true');
  const shellOf = [...guarded];
  const { exit, stderr } = await run(command);
  expect([exit, stderr]).toEqual([code(status), expect.stringMatching(/^sh: /)]);
  expect(await run('echo next')).toMatchObject({ exit: code(0), stdout: 'next\n' });
  expect([...guarded]).toEqual(shellOf);
});

test.each([
  ["quotes and 'more' quotes", `printf %s 'it'\\''s "so"'`, `it's "so"`],
  ['several lines', "printf %s 'a\nb\n\nc'", 'a\nb\n\nc'],
  ['a leading dash', '-no-such-program; echo x', 'x\n'],
  ['200 KB for a builtin', `echo ${'x'.repeat(200_000)}`, `${'x'.repeat(200_000)}\n`],
  ['a backslash at the end', 'printf %s a\\\\', 'a\\'],
])('a command with %s arrives as it is', async (_, command, stdout) => {
  const result = await openShells().run(command);
  expect(result.stdout === stdout).toBe(true);
});

test('changes that a job makes to its shell are gone with it', async () => {
  const { run, root } = openShells();
  await run('cd /; x=1; exec 1>/dev/null; trap "" TERM; umask 077; exit 0');
  expect((await run('pwd; echo "<$x>"')).stdout).toBe(`${root}\n<>\n`);
});

test.each([
  ['a job that kills itself', 'kill -9 $$', 'SIGKILL'],
  ['a program that is killed', "sh -c 'kill -15 $$'", 'SIGTERM'],
  ['a job that kills its shell', 'kill -9 $PPID', 'SIGKILL'],
  ['a job that kills its whole group', 'kill -9 0', 'SIGKILL'],
] as const)('%s has ended by that signal, and the next job runs', async (_, command, signal) => {
  const { run } = openShells();
  expect((await run(command)).exit).toMatchObject({ by: 'signal', signal });
  expect(await run('echo next')).toMatchObject({ exit: code(0), stdout: 'next\n' });
});

test('a job that is started as soon as the end of the shell is heard has a shell of its own', async () => {
  const { startBoth } = openShells();
  expect(await startBoth('kill -9 0', 'echo next')).toMatchObject({ exit: code(0), stdout: 'next\n' });
});

test('what a job leaves behind never writes into the next one, and is found by the run tag', async () => {
  const { run, groups, runTag, root } = openShells();
  const go = join(root, 'go');
  const left = `(while [ ! -e ${go} ]; do sleep 0.01; done; echo late; echo late >&2; : > ${go}.done) &`;
  expect(await run(`echo one; ${left}`)).toMatchObject({ exit: code(0), stdout: 'one\n', stderr: '' });
  expect(groups.marked(runTag).pids.length).toBeGreaterThan(0);
  expect((await run(`: > ${go}; while [ ! -e ${go}.done ]; do sleep 0.01; done; echo two`)).stdout).toBe(
    'two\n',
  );
  expect(await run('echo three')).toMatchObject({ stdout: 'three\n', stderr: '' });
});

test('what a job leaves behind writes on until it is released, and so can be found at the end', async () => {
  const { run, shells, root } = openShells();
  const [pids, written] = ['pid', 'written'].map((name) => join(root, name));
  if (pids === undefined || written === undefined) throw new Error('there are two');
  await run(`(while :; do echo late; echo x >> ${written}; sleep 0.01; done) & echo $! > ${pids}`);
  const stray = Number(readFileSync(pids, 'utf8'));
  await shells.close();
  const size = (): number => (existsSync(written) ? statSync(written).size : 0);
  const before = size();
  // Its second write is known to have found a reader when a third has been noted.
  await until(() => size() > before + 4 || !isAlive(stray), 'it goes on');
  expect(isAlive(stray)).toBe(true);
  shells.release?.();
  await until(() => !isAlive(stray), 'it has ended of its next write');
});

test('a background process that floods its output does not delay the end of its job', async () => {
  const { run } = openShells();
  expect((await run('yes & echo $!; exit 5')).exit).toEqual(code(5));
  expect((await run('echo next')).stdout).toBe('next\n');
});

test('a job that is stopped has ended when all of it has, and its last words are kept', async () => {
  const { run, shells, groups, guarded, root } = openShells();
  const ready = join(root, 'ready');
  const command = `trap 'sleep 0.1; echo cleaned; exit 7' TERM; (trap '' TERM; sleep 0.3) & : > ${ready}; while :; do wait; done`;
  const running = run(command);
  await until(() => existsSync(ready), 'the job runs');
  const shellOf = [...guarded];
  const group = shells.expectStop(1);
  if (group === null) throw new Error('the slot has a job');
  groups.signal(group, 'SIGTERM', 'group');
  expect(await running).toMatchObject({ exit: code(7), stdout: 'cleaned\n' });
  expect(groups.presenceOf(group).is).toBe('gone');
  expect((await run('echo next')).stdout).toBe('next\n');
  expect([...guarded]).not.toEqual(shellOf);
});

test('a stopped job keeps its status when its shell ends before what it has left', async () => {
  // The last of the group ends together with the shell.
  let isGone = false;
  const { run, shells, groups, root } = openShells({
    groups: { presenceOf: () => ({ is: isGone ? 'gone' : 'living' }) },
    guard: { add: () => undefined, remove: () => void (isGone = true) },
  });
  const ready = join(root, 'ready');
  const running = run(`trap 'exit 7' TERM; : > ${ready}; while :; do sleep 0.01; done`);
  await until(() => existsSync(ready), 'the job runs');
  const group = shells.expectStop(1);
  if (group === null) throw new Error('the slot has a job');
  groups.signal(group, 'SIGTERM', 'group');
  expect((await running).exit).toEqual(code(7));
});

test('SIGKILL ends a job that ignores SIGTERM', async () => {
  const { run, shells, groups, root } = openShells();
  const ready = join(root, 'ready');
  const running = run(`trap '' TERM; : > ${ready}; while :; do sleep 1; done`);
  await until(() => existsSync(ready), 'the job runs');
  const group = shells.expectStop(1);
  if (group === null) throw new Error('the slot has a job');
  groups.signal(group, 'SIGTERM', 'group');
  groups.signal(group, 'SIGKILL', 'all');
  expect((await running).exit).toMatchObject({ by: 'signal', signal: 'SIGKILL' });
});

test('five hundred jobs in four slots leave no descriptor, no file and no process', async () => {
  const { run, shells, groups, runTag, pipes } = openShells();
  await Promise.all([1, 2, 3, 4].map((slot) => run('echo x', slot)));
  const openNow = (): number => readdirSync('/proc/self/fd').length;
  const before = openNow();
  const slotRuns = async (slot: number): Promise<void> => {
    for (let job = 0; job < 125; job += 1) expect((await run('echo x; echo y >&2', slot)).stdout).toBe('x\n');
  };
  await Promise.all([1, 2, 3, 4].map(slotRuns));
  expect(openNow()).toBe(before);
  await shells.close();
  expect(groups.marked(runTag).pids).toEqual([]);
  pipes.close();
  expect(existsSync(pipes.directory)).toBe(false);
});
