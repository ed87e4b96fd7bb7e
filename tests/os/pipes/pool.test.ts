import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  readFileSync,
  readdirSync,
  mkdirSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createPipePool, type InputPipe, type Pipe } from '../../../src/os/pipes/pool.ts';
import { systemClock } from '../../../src/os/clock.ts';
import { fifoProblem } from '../../../src/os/pipes/fifo-directory.ts';
import { scratch } from '../../helpers/scratch.ts';

afterEach(() => void vi.restoreAllMocks());

/** `served`: somebody makes the first FIFOs, as the guardian does. */
function setUp(count: number, served = true) {
  const pool = createPipePool(count);
  onTestFinished(() => pool.close());
  if (served) execFileSync('mkfifo', [...pool.firstOrder]);
  const closedLater = <T extends Pipe | InputPipe>(pipe: T): T => {
    onTestFinished(() => {
      closeSync(pipe.read);
      closeSync(pipe.write);
    });
    return pipe;
  };
  const take = (): Pipe => closedLater(pool.take());
  const takeInput = (): InputPipe => closedLater(pool.takeInput());
  return { ...pool, take, takeInput };
}

const isBlocking = (fd: number): boolean => {
  const info = readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'latin1');
  return (Number.parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? '', 8) & constants.O_NONBLOCK) === 0;
};

const read = (fd: number): string => {
  const buffer = Buffer.alloc(100);
  return buffer.toString('utf8', 0, readSync(fd, buffer));
};

test('what is written to one end is read from the other, and from no other pipe', () => {
  const { take } = setUp(2);
  const [one, other] = [take(), take()];
  writeSync(one.write, 'one');
  writeSync(other.write, 'other');
  expect([read(one.read), read(other.read)]).toEqual(['one', 'other']);
});

test('reading does not wait', () => {
  const { read: end } = setUp(1).take();
  expect(() => read(end)).toThrow(/EAGAIN/);
});

test('it is a pipe, which a program can open again', () => {
  const { read: end, write } = setUp(1).take();
  expect(fstatSync(write).isFIFO()).toBe(true);
  execFileSync('/bin/sh', ['-c', 'echo again > /dev/stdout'], { stdio: ['ignore', write, 'inherit'] });
  expect(read(end)).toBe('again\n');
});

test('the writing end is blocking, as programs expect', async () => {
  const { write } = setUp(1).take();
  const child = spawn('/bin/sh', ['-c', 'cat /proc/self/fdinfo/1 >&2'], { stdio: ['ignore', write, 'pipe'] });
  let info = '';
  child.stderr?.on('data', (bytes: Buffer) => (info += bytes.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  const flags = Number.parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? '', 8);
  expect(flags & constants.O_NONBLOCK).toBe(0);
});

describe('a pipe for input', () => {
  test('carries bytes, waits at the end that a child reads, and never at ours', () => {
    const { read: end, write } = setUp(2).takeInput();
    writeSync(write, 'x');
    expect(read(end)).toBe('x');
    expect([isBlocking(end), isBlocking(write)]).toEqual([true, false]);
    expect(fstatSync(end).isFIFO()).toBe(true);
  });

  test('has two descriptors, comes from the same order and is gone from the disk', () => {
    const { takeInput, directory, firstOrder } = setUp(2);
    const before = readdirSync('/proc/self/fd').length;
    takeInput();
    expect(readdirSync('/proc/self/fd')).toHaveLength(before + 2);
    expect(readdirSync(directory)).toHaveLength(firstOrder.length - 1);
  });

  test('is made where nobody has made any', () => {
    const { read: end, write } = setUp(1, false).takeInput();
    writeSync(write, 'x');
    expect(read(end)).toBe('x');
  });

  test('is there for every child, however many they are', () => {
    const { take, takeInput } = setUp(2);
    const pipes = Array.from({ length: 20 }, () => [take(), takeInput()]).flat();
    expect(new Set(pipes.flatMap(({ read: end, write }) => [end, write])).size).toBe(80);
  });
});

test('there are more than were asked for', () => {
  const { take } = setUp(1);
  const pipes = Array.from({ length: 40 }, take);
  expect(new Set(pipes.flatMap(({ read: end, write }) => [end, write])).size).toBe(80);
});

test('there are pipes even where nobody makes those that were ordered', () => {
  const { take } = setUp(1, false);
  const pipe = take();
  writeSync(pipe.write, 'x');
  expect(read(pipe.read)).toBe('x');
});

test('a FIFO is gone from the disk as soon as it is taken', () => {
  const { take, directory, firstOrder } = setUp(1);
  take();
  expect(readdirSync(directory)).toHaveLength(firstOrder.length - 1);
});

describe('when somebody has removed its directory', () => {
  /** The only way in which it waits. */
  const waits = () => vi.spyOn(Atomics, 'wait');

  test.each(['take', 'takeInput'] as const)('it is made again, private, and nothing waits: %s', (kind) => {
    const pool = setUp(20);
    rmSync(pool.directory, { recursive: true });
    const waited = waits();
    const taken = Array.from({ length: 30 }, () => pool[kind]());
    expect(waited).not.toHaveBeenCalled();
    writeSync(taken[0]?.write ?? -1, 'x');
    expect(read(taken[0]?.read ?? -1)).toBe('x');
    expect(statSync(pool.directory).mode & 0o777).toBe(0o700);
    pool.close();
    expect(existsSync(pool.directory)).toBe(false);
  });

  test('and another user has taken its name, another one is made', () => {
    const pool = setUp(1);
    rmSync(pool.directory, { recursive: true });
    // Not as we have made it; to make it another user's takes root.
    mkdirSync(pool.directory, { mode: 0o755 });
    for (const path of pool.firstOrder) writeFileSync(path, 'a trap');
    onTestFinished(() => rmSync(pool.directory, { recursive: true, force: true }));
    expect(fstatSync(pool.take().write).isFIFO()).toBe(true);
    expect(readdirSync(pool.directory)).toHaveLength(pool.firstOrder.length);
  });

  test('and no FIFO can be made, that is told in one line', () => {
    const complaints =
      "mkfifo: cannot create fifo '/x/1': No space left on device\nmkfifo: cannot create fifo '/x/2': y\n";
    expect(fifoProblem(complaints, '/x').message).toBe("cannot make pipes in '/x': No space left on device");
  });
});

test('when only its FIFOs were removed, long ago, nothing waits for them either', () => {
  const pool = setUp(2);
  for (const path of pool.firstOrder) rmSync(path);
  vi.spyOn(systemClock, 'now').mockReturnValue(systemClock.now() + 1000);
  const waited = vi.spyOn(Atomics, 'wait');
  expect(fstatSync(pool.take().write).isFIFO()).toBe(true);
  expect(waited).not.toHaveBeenCalled();
});

test('nothing is made once it is closed, not even what was due', async () => {
  const pool = setUp(4);
  // So many are left then that more are to be made, in the next turn.
  for (let taken = 0; taken < 8; taken += 1) pool.take();
  pool.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(existsSync(pool.directory)).toBe(false);
});

test('its directory is private, and goes with it', () => {
  const pool = setUp(1);
  const { directory } = pool;
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  pool.close();
  expect(existsSync(pool.directory)).toBe(false);
});

test.each(['take', 'takeInput'])(
  'a full descriptor table is the error of the system, and nothing is lost by it: %s',
  (take) => {
    const script = [
      "const { createPipePool } = require('./pool.cjs');",
      "const { execFileSync } = require('node:child_process');",
      'const pool = createPipePool(100);',
      "execFileSync('mkfifo', pool.firstOrder);",
      "const open = () => require('node:fs').readdirSync('/proc/self/fd').length;",
      'const before = open();',
      'const taken = [];',
      `try { for (;;) taken.push(pool.${take}()); } catch (error) { console.log(error.code); }`,
      "for (const { read, write } of taken) { require('node:fs').closeSync(read); require('node:fs').closeSync(write); }",
      'console.log(open() - before);',
      'pool.take();',
      "console.log('again');",
      'pool.close();',
    ].join('\n');
    const root = scratch({ 'main.cjs': script });
    buildSync({
      entryPoints: [resolve(import.meta.dirname, '../../../src/os/pipes/pool.ts')],
      outfile: join(root, 'pool.cjs'),
      bundle: true,
      platform: 'node',
    });
    const words = ['-c', 'ulimit -n 60; exec "$0" main.cjs', process.execPath];
    expect(execFileSync('/bin/sh', words, { cwd: root, encoding: 'utf8' })).toBe('EMFILE\n0\nagain\n');
  },
);
