/** What is particular to the real launcher; the rest is in tests/contract/launcher-and-families.test.ts. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Exit } from '../../src/core/exit.ts';
import { createLauncher } from '../../src/os/children.ts';
import type { PipePool } from '../../src/os/pipes.ts';
import { inTime } from '../helpers/eventually.ts';
import { makePipe } from '../helpers/make-pipe.ts';
import { scratch } from '../helpers/scratch.ts';
import { closeSync, readSync } from 'node:fs';

const pipes: PipePool = {
  directory: '',
  firstOrder: [],
  take() {
    const { readFd: read, writeFd: write } = makePipe();
    return { read, write };
  },
  close: () => undefined,
};

interface Outcome {
  readonly pid: number;
  readonly exit: Exit;
  readonly output: string;
}

/** Runs to the end; what was printed must fit into the pipe. */
function run(script: string, { root = '/', prelude = '', pool = pipes, env = {} } = {}): Promise<Outcome> {
  const outcome = new Promise<Outcome>((resolve) => {
    let started = { pid: 0, output: -1 };
    const request = { runId: 'M:a.1:1:', script, root, env: { PATH: process.env['PATH'] ?? '', ...env } };
    createLauncher({ pipes: pool, prelude }).launch(request, {
      spawned(pid, output) {
        started = { pid, output: output ?? -1 };
        if (output !== null) onTestFinished(() => closeSync(output));
      },
      refused: (exit) => resolve({ pid: 0, exit, output: '' }),
      exited: (exit) => resolve({ pid: started.pid, exit, output: readAll(started.output) }),
    });
  });
  return inTime(outcome, script);
}

function readAll(fd: number): string {
  const buffer = Buffer.alloc(65_536);
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer));
  } catch {
    return ''; // Nothing was written.
  }
}

test('a child leads a session and a group of its own, and its stderr is its stdout', async () => {
  const { pid, output } = await run('echo out; echo err >&2; cut -d" " -f5,6 /proc/$$/stat');
  expect(output).toBe(`out\nerr\n${pid} ${pid}\n`);
});

test('a child has the environment that it is given, the mark, and nothing else', async () => {
  const { output } = await run('exec env', { env: { A: '1' } });
  const names = output
    .match(/^\w+(?==)/gm)
    ?.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name));
  expect(names?.sort()).toEqual(['A', 'PATH', 'PROCSUP_RUN_ID']);
  expect(output).toContain('PROCSUP_RUN_ID=M:a.1:1:\n');
});

test('the prelude runs first, in the same shell', async () => {
  expect((await run('ulimit -Sn', { prelude: 'ulimit -Sn 77; ' })).output).toBe('77\n');
});

test('the input of a child is empty', async () => {
  expect((await run('cat; echo end')).output).toBe('end\n');
});

describe('a refusal names its cause:', () => {
  const refusing = (code: string): PipePool => ({
    ...pipes,
    take() {
      throw Object.assign(new Error(`${code}: in the words of the system`), { code });
    },
  });

  test('a directory that is missing', async () => {
    const { exit } = await run('true', { root: '/no/such' });
    expect(exit).toEqual({
      by: 'refusal',
      error: 'ENOENT',
      message: 'the working directory /no/such does not exist',
    });
  });

  test('a directory that is a file', async () => {
    const root = join(scratch({ file: '' }), 'file');
    expect((await run('true', { root })).exit).toEqual({
      by: 'refusal',
      error: 'ENOTDIR',
      message: `the working directory ${root} does not exist`,
    });
  });

  test.skipIf(process.getuid?.() === 0)('a directory that may not be entered', async () => {
    const root = scratch();
    chmodSync(root, 0o600);
    expect((await run('true', { root })).exit).toMatchObject({
      error: 'EACCES',
      message: /may not be entered/,
    });
  });

  test('a command that is too long', async () => {
    const { exit } = await run(`: ${'x'.repeat(3_000_000)}`);
    const message = 'the environment and the command together are too large';
    expect(exit).toEqual({ by: 'refusal', error: 'E2BIG', message });
  });

  test.each([
    ['EMFILE', 'procsup has no free descriptors left (see `ulimit -n`)'],
    ['ENFILE', 'the system has no free descriptors left'],
    ['EAGAIN', 'the system allows no more processes (see `ulimit -u`)'],
    ['ENOMEM', 'the system has no memory left'],
    ['ENOSPC', 'ENOSPC: in the words of the system'],
  ])('%s', async (error, message) => {
    expect((await run('true', { pool: refusing(error) })).exit).toEqual({ by: 'refusal', error, message });
  });
});

test('where there are no pipes it writes to our own output', async () => {
  const told = new Promise<number | null>((resolve) => {
    createLauncher({ pipes: null, prelude: '' }).launch(
      { runId: 'M:a.1:1:', script: 'true', root: '/', env: {} },
      {
        spawned: (_pid, output) => resolve(output),
        refused: () => resolve(-1),
        exited: () => undefined,
      },
    );
  });
  expect(await told).toBeNull();
});
