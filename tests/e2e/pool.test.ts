/** `procsup pool` as users have it: what is run, how it is printed, how it ends, and that nothing is left. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { becomes, until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { launch, PROCSUP, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';
import { told } from '../helpers/told.ts';

const pool = (args: readonly string[], cwd = scratch()) => procsup(['pool', ...args], { cwd });

/** The pids that jobs have written into `file`, one a line. */
const pidsIn = (file: string): readonly number[] =>
  existsSync(file) ? readFileSync(file, 'latin1').trim().split('\n').map(Number) : [];

describe('what is run', () => {
  test('values from the command line and from stdin give the same', async () => {
    const root = scratch();
    const given = await pool(['-k', '-j4', 'echo "<"{}">"', ':::', 'a b', "it's", '-n', '$x', ''], root);
    const { child, ended } = launch(PROCSUP, ['pool', '-k', '-j4', 'echo "<"{}">"'], { cwd: root });
    child.stdin.end("a b\nit's\n-n\n$x\n\n");
    const read = await ended;
    expect(given).toMatchObject({ status: 0, stderr: '' });
    expect(read.stdout).toBe(given.stdout);
  });

  test('odd values arrive as they are', async () => {
    const values = ['a b', "it's", '"quoted"', '-n', '$HOME `x` \\', 'two\nlines', '*', '', 'ü'];
    const { stdout, status, stderr } = await pool(['-k', 'printf "<%s>" {}', ':::', ...values]);
    expect({ stdout, status, stderr }).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: values.map((value) => `<${value}>`).join(''),
    });
  });

  test('a value of 200 KB is whole for a builtin, and told where a program cannot take it', async () => {
    const root = scratch({ 'values.txt': `${'x'.repeat(200_000)}\n` });
    expect((await pool(['-a', 'values.txt', 'echo {}'], root)).stdout.length).toBe(200_001);
    const refused = await pool(['-a', 'values.txt', '/bin/echo {}'], root);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('Argument list too long');
  });

  test('no more values are taken from a slow producer than are needed', async () => {
    const root = scratch();
    const running = launch(PROCSUP, ['pool', '-j2', 'echo got {}'], { cwd: root });
    const { child, ended } = running;
    child.stdin.write('1\n');
    await running.printed('got 1\n');
    child.stdin.write('2\n');
    await running.printed('got 2\n');
    child.stdin.end();
    expect(await ended).toMatchObject({ status: 0, stdout: 'got 1\ngot 2\n' });
  });
});

describe('options of all commands', () => {
  test('those without an effect are refused, and nothing runs; their variables are for others', async () => {
    const root = scratch();
    const { stdout, stderr, status } = await pool(['-e', '.env', '-f', 'x', 'echo', ':::', 'a'], root);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toContain("option '--env' has no effect on pool: jobs have procsup's own environment");
    expect(stderr).toContain("option '--file' has no effect on pool: it reads no Procfile");
    const env = { PROCSUP_ENV: '.env', PROCSUP_FILE: 'x' };
    expect(await procsup(['pool', 'echo', ':::', 'a'], { cwd: root, env })).toMatchObject({ stdout: 'a\n' });
  });

  test('-C is the directory of the jobs', async () => {
    const root = scratch({ 'sub/x': 'found\n' });
    expect((await pool(['-C', 'sub', 'cat', ':::', 'x'], root)).stdout).toBe('found\n');
  });
});

describe('output', () => {
  test('grouped output is never mixed, and a tag is before each line', async () => {
    const command = 'for i in 1 2 3; do printf {}; sleep 0.01; echo " $i"; done; echo {} >&2';
    const { stdout, stderr } = await pool([
      '-j8',
      '--tag',
      command,
      ':::',
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      'g',
      'h',
    ]);
    const lines = stdout.trim().split('\n');
    for (let at = 0; at < lines.length; at += 3) {
      const name = lines[at]?.[0] ?? '';
      expect(lines.slice(at, at + 3)).toEqual([1, 2, 3].map((i) => `${name}\t${name} ${String(i)}`));
    }
    expect(lines.length).toBe(24);
    expect(stderr.trim().split('\n').sort()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `${name}\t${name}`),
    );
  });

  test('with -k it comes in the order of the values', async () => {
    const { stdout } = await pool(['-k', '-j4', 'sleep 0.{}; echo {}', ':::', '3', '2', '1', '0']);
    expect(stdout).toBe('3\n2\n1\n0\n');
  });

  test('with --line-buffer whole lines come at once', async () => {
    const root = scratch();
    const command = 'printf {}; echo " is there"; while [ ! -e go ]; do sleep 0.01; done; echo {} is done';
    const running = launch(PROCSUP, ['pool', '--line-buffer', '-j2', command, ':::', 'a', 'b'], {
      cwd: root,
    });
    await running.printed('a is there\n');
    await running.printed('b is there\n');
    writeFileSync(join(root, 'go'), '');
    expect((await running.ended).stdout.split('\n').slice(2, 4).sort()).toEqual(['a is done', 'b is done']);
  });

  test('a job that leaves a process behind ends; what that still writes is in no other job, and it is stopped', async () => {
    const root = scratch();
    const command =
      'echo {}; (echo $$ >/dev/null; while :; do echo stray; sleep 0.01; done) & echo $! >> pids';
    const { stdout, stderr, status } = await pool(['-j1', command, ':::', '1', '2', '3'], root);
    expect(status).toBe(0);
    // What it has written before the end of its own job belongs to that.
    expect(stdout.replaceAll('stray\n', '')).toBe('1\n2\n3\n');
    expect(stderr).toContain('stopped background processes of jobs: pid ');
    expect(pidsIn(join(root, 'pids')).filter(isAlive)).toEqual([]);
  });

  test('a reader that goes ends the pool with the status of SIGPIPE, and nothing is left', async () => {
    const root = scratch();
    const script = `{ '${PROCSUP}' pool -j2 'echo {}; echo $$ >> pids' ::: $(seq 2000); echo $? > status; } | head -1`;
    const { stdout } = await launch('/bin/sh', ['-c', script], { cwd: root }).ended;
    expect(stdout.trim().split('\n').length).toBe(1);
    await until(() => existsSync(join(root, 'status')), 'the status');
    expect(await becomes(() => readFileSync(join(root, 'status'), 'latin1') === '141\n')).toBe(true);
    expect(pidsIn(join(root, 'pids')).length).toBeLessThan(2000);
    expect(pidsIn(join(root, 'pids')).filter(isAlive)).toEqual([]);
  });
});

describe('the exit status', () => {
  test.each([
    [['true', ':::', '1', '2'], 0],
    [['exit {}', ':::', '0', '1', '2'], 2],
    [['false', ':::', ...Array.from({ length: 120 }, (_, i) => String(i))], 101],
    [['-j1', '--halt', 'now,fail=1', 'exit {}', ':::', '0', '7', '3'], 7],
    [['-j1', '--halt', 'soon,fail=2', 'exit {}', ':::', '7', '3', '4', '5'], 2],
    [['-j1', '--halt', 'now,success=1', 'exit {}', ':::', '7', '3', '0', '5'], 0],
    [['--timeout', '1', 'sleep 60', ':::', '1'], 1],
    [['echo (', ':::', '1', '2', '3'], 3],
  ])('of pool %j is %i', async (args, status) => {
    expect((await pool(args)).status).toBe(status);
  });

  test('a job is tried again until it succeeds, and only its last attempt is printed', async () => {
    const root = scratch();
    const command = ': {}; echo x >> tries; echo try $(wc -l < tries); [ $(wc -l < tries) -ge 3 ]';
    const { stdout, status } = await pool(['--retries', '5', command, ':::', '1'], root);
    expect([stdout, status]).toEqual(['try 3\n', 0]);
  });
});

describe('stopping', () => {
  test('a job that runs out of its time is told', async () => {
    const { stderr, status } = await pool(['--timeout', '50ms', 'sleep 60; echo {}', ':::', 'a']);
    expect(stderr).toMatch(/^procsup: job 1 timed out after \S+: sleep 60; echo a\n$/);
    expect(status).toBe(1);
  });

  /** Jobs that write their pid, and go on until there is a file `go`; when asked to end they say so. */
  const WAIT = `trap 'echo {} cleaned; exit 1' TERM; echo $$ >> pids; while [ ! -e go ]; do sleep 0.01; done; echo {} done`;
  const start = (options: readonly string[] = []) => {
    const root = scratch();
    const running = launch(PROCSUP, ['pool', '-j2', ...options, WAIT, ':::', '1', '2', '3', '4'], {
      cwd: root,
    });
    const pids = (): readonly number[] => pidsIn(join(root, 'pids'));
    return { ...running, root, pids, go: () => writeFileSync(join(root, 'go'), '') };
  };

  test.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s: no more jobs, and those that run may end', async (signal, status) => {
    const { child, ended, pids, go } = start();
    await until(() => pids().length === 2, 'both run');
    const heard = told(child, 'starting no more jobs; waiting for 2');
    child.kill(signal);
    await heard;
    go();
    const { stdout, status: got } = await ended;
    expect([stdout.split('\n').sort(), got]).toEqual([['', '1 done', '2 done'], status]);
    expect(pids().length).toBe(2);
  });

  test('SIGHUP changes nothing where all jobs run already', async () => {
    const { child, ended, pids, go } = start(['-j4']);
    await until(() => pids().length === 4, 'all run');
    const heard = told(child, 'starting no more jobs; waiting for 4');
    child.kill('SIGHUP');
    await heard;
    go();
    expect((await ended).status).toBe(0);
  });

  test('SIGINT twice stops the jobs, and nothing is left', async () => {
    const { child, ended, pids } = start();
    await until(() => pids().length === 2, 'both run');
    const heard = told(child, 'starting no more jobs');
    child.kill('SIGINT');
    await heard;
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    expect(pids().filter(isAlive)).toEqual([]);
  });

  test('SIGTERM stops the jobs at once, and nothing is left', async () => {
    const { child, ended, pids } = start();
    await until(() => pids().length === 2, 'both run');
    child.kill('SIGTERM');
    expect((await ended).status).toBe(143);
    expect(pids().filter(isAlive)).toEqual([]);
  });

  test('SIGTERM twice kills jobs that ignore it, with what they have started', async () => {
    const root = scratch();
    const command = `: {}; trap '' TERM; sleep 1000 & echo $! >> pids; setsid sleep 1000 & echo $$ >> pids; while :; do sleep 1; done`;
    const { child, ended } = launch(PROCSUP, ['pool', '-j2', command, ':::', '1', '2'], { cwd: root });
    const pids = (): readonly number[] => pidsIn(join(root, 'pids'));
    await until(() => pids().length === 4, 'both run');
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    expect(await becomes(() => pids().filter(isAlive).length === 0 || (child.kill('SIGTERM') && false))).toBe(
      true,
    );
    expect((await ended).status).toBe(143);
  });

  test('after SIGKILL of procsup its guardian leaves nothing running', async () => {
    const { child, ended, pids, root } = start();
    await until(() => pids().length === 2, 'both run');
    child.kill('SIGKILL');
    await ended;
    expect(await becomes(() => pids().filter(isAlive).length === 0)).toBe(true);
    expect(existsSync(join(root, 'go'))).toBe(false);
  });

  test('a halt that comes now stops the others, whose output is not printed', async () => {
    const root = scratch();
    const command = `echo {}; echo $$ >> pids; [ {} = 1 ] || { while :; do sleep 1; done; }; while [ $(wc -l < pids) -lt 2 ]; do sleep 0.01; done; exit 9`;
    const { status, stdout } = await pool(
      ['-j2', '--halt', 'now,fail=1', command, ':::', '1', '2', '3'],
      root,
    );
    expect([status, stdout]).toEqual([9, '1\n']);
    expect(pidsIn(join(root, 'pids')).filter(isAlive)).toEqual([]);
  });
});
