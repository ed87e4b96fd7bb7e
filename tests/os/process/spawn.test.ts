/** What is particular to the real launcher; the rest is in tests/contract/launcher-and-groups.test.ts. */
import { chmodSync, closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import { createLauncher } from '../../../src/os/process/spawn.ts';
import { closeInherited } from '../../../src/os/process/descriptors.ts';
import { createPipePool, type InputPipe, type PipePool } from '../../../src/os/pipes/pool.ts';
import { inTime, until } from '../../helpers/eventually.ts';
import { makePipe } from '../../helpers/make-pipe.ts';
import { scratch } from '../../helpers/scratch.ts';

const pipes: PipePool = {
  directory: '',
  firstOrder: [],
  take() {
    const { readFd: read, writeFd: write } = makePipe();
    return { read, write };
  },
  takeInput() {
    throw new Error('nobody has asked for an open input');
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
      message: /permission denied for the working directory/,
    });
  });

  test('a command that is too long', async () => {
    const { exit } = await run(`: ${'x'.repeat(3_000_000)}`);
    const message = 'the command and its environment are too large';
    expect(exit).toEqual({ by: 'refusal', error: 'E2BIG', message });
  });

  test.each([
    ['EMFILE', 'procsup has no free descriptors left (see `ulimit -n`)'],
    ['ENFILE', 'the system has no free descriptors left'],
    ['EAGAIN', 'too many processes (see `ulimit -u`)'],
    ['ENOMEM', 'out of memory'],
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

describe('an open input', () => {
  interface Started {
    readonly child: Promise<{ readonly pid: number; readonly output: number; readonly input: number }>;
    readonly ended: Promise<Exit>;
  }

  const realPool = (): PipePool => {
    const pool = createPipePool(2);
    onTestFinished(() => pool.close());
    return pool;
  };

  function start(script: string, { root = '/', pool = realPool() } = {}): Started {
    const launcher = createLauncher({ pipes: pool, prelude: '', stdin: 'open' });
    const env = { PATH: process.env['PATH'] ?? '' };
    let ended: Promise<Exit> | undefined;
    const child = new Promise<{ pid: number; output: number; input: number }>((spawned) => {
      ended = new Promise((resolve) => {
        launcher.launch(
          { runId: 'M:a.1:1:', script, root, env },
          {
            spawned(pid, output, input) {
              onTestFinished(() => [output, input].forEach((fd) => closeSync(fd ?? -1)));
              spawned({ pid, output: output ?? -1, input: input ?? -1 });
            },
            refused: resolve,
            exited: resolve,
          },
        );
      });
    });
    return { child, ended: inTime(ended ?? Promise.reject(new Error('never')), script) };
  }

  test('is read by the program, line by line, as long as somebody writes', async () => {
    const { child, ended } = start('read -r a; echo "1 $a"; read -r b; echo "2 $b"');
    const { input, output } = await child;
    let heard = '';
    const hears = (text: string) => until(() => (heard += readAll(output)) === text, text);
    writeSync(input, 'one\n');
    await hears('1 one\n');
    writeSync(input, 'two\n');
    expect(await ended).toEqual({ by: 'code', code: 0 });
    await hears('1 one\n2 two\n');
  });

  test('may be opened once more by the program', async () => {
    const { child, ended } = start('head -n 1 < /dev/stdin');
    const { input, output } = await child;
    writeSync(input, 'through the file system\n');
    expect(await ended).toEqual({ by: 'code', code: 0 });
    expect(readAll(output)).toBe('through the file system\n');
  });

  test('waits for what comes, and ends when we close it', async () => {
    const pool = realPool();
    const ends: InputPipe[] = [];
    const { child, ended } = start('cat; echo end', {
      pool: {
        ...pool,
        takeInput() {
          const taken = pool.takeInput();
          ends.push(taken);
          return { ...taken, write: openSync('/dev/null', 'w') };
        },
      },
    });
    const { output } = await child;
    writeSync(ends[0]?.write ?? -1, 'a');
    closeSync(ends[0]?.write ?? -1);
    await ended;
    expect(readAll(output)).toBe('aend\n');
  });

  test('is not full for ever: a write to one that nobody reads says so at once', async () => {
    const { child } = start('exec sleep 1000');
    const { pid, input } = await child;
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    expect(() => {
      for (;;) writeSync(input, Buffer.alloc(65_536));
    }).toThrow(/EAGAIN/);
  });

  test('breaks when the program is gone: nobody else holds its other end', async () => {
    const { child, ended } = start('true');
    const { input } = await child;
    await ended;
    expect(() => writeSync(input, 'x')).toThrow(/EPIPE/);
  });

  test('is all that a program gets beside its output', async () => {
    closeInherited();
    const { child, ended } = start('exec ls /proc/self/fd');
    const { output } = await child;
    await ended;
    expect(readAll(output)).toBe('0\n1\n2\n3\n'); // The last is that of the listing itself.
  });

  test.each([
    ['a directory that is missing', '/no/such', (pool: PipePool) => pool],
    [
      'an input that is not to be had',
      '/',
      (pool: PipePool): PipePool => ({
        ...pool,
        takeInput() {
          throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
        },
      }),
    ],
  ])('leaves no descriptor behind where there is a refusal: %s', async (_name, root, change) => {
    const pool = realPool();
    const before = readdirSync('/proc/self/fd').length;
    expect(await start('true', { root, pool: change(pool) }).ended).toMatchObject({ by: 'refusal' });
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  test('needs pipes: without them it is empty', async () => {
    const told = new Promise<number | null>((resolve) => {
      createLauncher({ pipes: null, prelude: '', stdin: 'open' }).launch(
        { runId: 'M:a.1:1:', script: 'true', root: '/', env: {} },
        {
          spawned: (_pid, _output, input) => resolve(input),
          refused: () => resolve(-1),
          exited: () => undefined,
        },
      );
    });
    expect(await told).toBeNull();
  });
});

test('what goes wrong where a start is told is no refusal: the child lives', async () => {
  const told: string[] = [];
  const ended = new Promise<void>((resolve) => {
    const request = { runId: 'M:a.1:1:', script: 'exit 0', root: '/', env: {} };
    const launch = (): void =>
      createLauncher({ pipes: null, prelude: '' }).launch(request, {
        spawned() {
          throw new Error('a bug of ours');
        },
        refused: () => told.push('refused'),
        exited() {
          told.push('exited');
          resolve();
        },
      });
    expect(launch).toThrow('a bug of ours');
  });
  await inTime(ended, 'the end of the child');
  expect(told).toEqual(['exited']);
});
