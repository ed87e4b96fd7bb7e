import { closeSync, constants, openSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { capacityFor, loadKoffiPipes } from '../../src/os/koffi-pipes.ts';
import { createStageLauncher } from '../../src/os/stage-pipes.ts';
import type { StagePipe } from '../../src/os/stage-spawn.ts';
import { until } from '../helpers/eventually.ts';
import { pipeMakers } from '../helpers/stage-launchers.ts';

const O_CLOEXEC = 0o2000000;
const KIB = 1024;

const flagsOf = (fd: number): number =>
  Number.parseInt(
    /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '',
    8,
  );
const descriptors = (): number => readdirSync('/proc/self/fd').length;
const close = ({ read, write }: StagePipe): void => [read, write].forEach((fd) => closeSync(fd));

/** How much it takes before a write would wait. */
function capacityOf({ write }: StagePipe): number {
  const fd = openSync(`/proc/self/fd/${write}`, constants.O_WRONLY | constants.O_NONBLOCK);
  const page = Buffer.alloc(4096);
  let bytes = 0;
  try {
    for (;;) bytes += writeSync(fd, page);
  } catch {
    return bytes;
  } finally {
    closeSync(fd);
  }
}

describe.each(pipeMakers)('pipes by %s', (kind, makePipes) => {
  test('are as many as wanted, each its own, blocking, and closed on exec', async () => {
    const pipes = await makePipes(5);
    expect(pipes).toHaveLength(5);
    const buffer = Buffer.alloc(10);
    pipes.forEach(({ write }, at) => writeSync(write, `pipe ${at}`));
    pipes.forEach(({ read }, at) => {
      expect(buffer.toString('utf8', 0, readSync(read, buffer))).toBe(`pipe ${at}`);
    });
    for (const { read, write } of pipes) {
      expect(flagsOf(read)).toBe(O_CLOEXEC | constants.O_RDONLY | (flagsOf(read) & 0o100000));
      expect(flagsOf(write)).toBe(O_CLOEXEC | constants.O_WRONLY | (flagsOf(write) & 0o100000));
    }
    pipes.forEach(close);
  });

  test('nobody else holds an end', async () => {
    const [pipe] = await makePipes(1);
    if (pipe === undefined) throw new Error('no pipe');
    closeSync(pipe.write);
    // Else this would wait for ever.
    expect(readSync(pipe.read, Buffer.alloc(1))).toBe(0);
    closeSync(pipe.read);
    const [other] = await makePipes(1);
    if (other === undefined) throw new Error('no pipe');
    closeSync(other.read);
    expect(() => writeSync(other.write, 'x')).toThrow('EPIPE');
    closeSync(other.write);
  });

  test('hold at least 64 KiB', async () => {
    const [pipe] = await makePipes(1);
    if (pipe === undefined) throw new Error('no pipe');
    const capacity = capacityOf(pipe);
    if (kind === 'koffi') expect([64 * KIB, 1024 * KIB]).toContain(capacity);
    else expect(capacity).toBe(64 * KIB);
    close(pipe);
  });

  test('a thousand times leaves no descriptor', async () => {
    (await makePipes(1)).forEach(close);
    const before = descriptors();
    for (let round = 0; round < 1000; round += 1) (await makePipes(1)).forEach(close);
    await until(() => descriptors() <= before, 'all descriptors are closed');
  });
});

test('the larger pipes of all stages together stay far from what a user may have', () => {
  expect([1, 16, 17, 32, 99, 1000].map((count) => capacityFor(count) / KIB)).toEqual([
    1024, 1024, 512, 512, 128, 64,
  ]);
});

test('koffi that cannot be loaded is none', async () => {
  expect(await loadKoffiPipes(() => Promise.reject(new Error('not installed')))).toBeUndefined();
  expect(
    await loadKoffiPipes(() =>
      Promise.resolve({
        load() {
          throw new Error('wrong libc');
        },
        errno: () => 0,
      }),
    ),
  ).toBeUndefined();
});

test('a way that works is found', async () => {
  const launcher = createStageLauncher({ prelude: '' });
  const stage = { args: [], env: { PATH: process.env['PATH'] ?? '' }, joinsStderr: false };
  const run = async (...scripts: readonly string[]): Promise<readonly unknown[]> => {
    const exits: unknown[] = [];
    const stdin = openSync('/dev/null', 'r+');
    launcher.launch(
      {
        runId: 'x',
        root: '/',
        stages: scripts.map((script) => ({ ...stage, script })),
        stdin,
        stdout: stdin,
      },
      {
        spawned: () => undefined,
        refused: (at, exit) => void (exits[at] = exit),
        exited: (at, exit) => void (exits[at] = exit),
      },
    );
    await until(() => exits.filter(Boolean).length === scripts.length, 'all end');
    closeSync(stdin);
    return exits;
  };
  expect(await run('exit 3')).toEqual([{ by: 'code', code: 3 }]);
  expect(await run('exec yes', 'exit 4')).toMatchObject([{}, { by: 'code', code: 4 }]);
});
