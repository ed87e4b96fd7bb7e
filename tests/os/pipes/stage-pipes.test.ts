import { closeSync, constants, openSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { statusOf, type Exit } from '../../../src/core/process/exit.ts';
import { capacityFor, loadKoffiPipes } from '../../../src/os/pipes/koffi.ts';
import { createStageLauncher } from '../../../src/os/pipes/stage-pipes.ts';
import { createShellStageLauncher } from '../../../src/os/pipes/stage-pipes-shell.ts';
import {
  createPipeStageLauncher,
  type MakeStagePipes,
  type StagePipe,
} from '../../../src/os/pipes/stage-spawn.ts';
import type { StageLauncher } from '../../../src/ports/pipelines.ts';
import { until } from '../../helpers/eventually.ts';
import { pipeMakers } from '../../helpers/stage-launchers.ts';

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
    if (kind === 'koffi') expect([64 * KIB, 256 * KIB]).toContain(capacity);
    else expect(capacity).toBe(64 * KIB);
    close(pipe);
  });

  test('a hundred times leaves no descriptor', async () => {
    (await makePipes(1)).forEach(close);
    const before = descriptors();
    for (let round = 0; round < 100; round += 1) (await makePipes(1)).forEach(close);
    await until(() => descriptors() <= before, 'all descriptors are closed');
  });
});

test('the larger pipes of all stages together stay far from what a user may have', () => {
  expect([1, 64, 65, 128, 129, 1000].map((count) => capacityFor(count) / KIB)).toEqual([
    256, 256, 128, 128, 64, 64,
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

const stage = { args: [], env: { PATH: process.env['PATH'] ?? '' }, joinsStderr: false };

async function run(launcher: StageLauncher, ...scripts: readonly string[]): Promise<readonly Exit[]> {
  const exits: Exit[] = [];
  const nowhere = openSync('/dev/null', 'r+');
  const stages = scripts.map((script) => ({ ...stage, script }));
  const end = (at: number, exit: Exit): void => void (exits[at] = exit);
  launcher.launch(
    { runId: 'x', root: '/', stages, stdin: nowhere, stdout: nowhere },
    { spawned: () => undefined, refused: end, exited: end },
  );
  await until(() => Object.keys(exits).length === scripts.length, 'all end');
  closeSync(nowhere);
  return exits;
}

test('a way that works is found', async () => {
  const launcher = createStageLauncher({ prelude: '' });
  expect(await run(launcher, 'exit 3')).toEqual([{ by: 'code', code: 3 }]);
  expect((await run(launcher, 'exec yes', 'exit 4')).map(statusOf)).toEqual([141, 4]);
});

describe('where no pipes can be made', () => {
  const failing = (code: string): MakeStagePipes => {
    const error = Object.assign(new Error(`${code}: no pipes`), { code });
    return () => Promise.reject(error);
  };

  test('another launcher takes over', async () => {
    const shell = createShellStageLauncher({ prelude: '' });
    const launcher = createPipeStageLauncher(failing('EACCES'), { prelude: '' }, shell);
    expect((await run(launcher, 'exec yes', 'exit 4')).map(statusOf)).toEqual([141, 4]);
  });

  test('for a lack of descriptors all stages are refused', async () => {
    const shell = createShellStageLauncher({ prelude: '' });
    const launcher = createPipeStageLauncher(failing('EMFILE'), { prelude: '' }, shell);
    const message = 'procsup has no free descriptors left (see `ulimit -n`)';
    const refusal = { by: 'refusal', error: 'EMFILE', message };
    expect(await run(launcher, 'exec true', 'exec true')).toEqual([refusal, refusal]);
  });
});
