import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFifos } from '../../../src/os/pipes/best-pipes.ts';
import { createStageLinks } from '../../../src/os/pipes/stage-links.ts';
import type { StagePipe } from '../../../src/os/pipes/stage-spawn.ts';
import type { HeldDescriptor } from '../../../src/ports/descriptors.ts';
import type { StageEnds } from '../../../src/ports/pipelines.ts';
import { makePipe } from '../../helpers/make-pipe.ts';
import { pipeMakers } from '../../helpers/stage-launchers.ts';

const FIRST = { upstream: null, downstream: 'b' };
const LAST = { upstream: 'a', downstream: null };

const makers = [...pipeMakers, ['FIFO', makeFifos] as const];

describe.each(makers)('pipes of %s', (_name, makePipes) => {
  const setUp = () => {
    const links = createStageLinks(() => Promise.resolve(makePipes));
    onTestFinished(() => links.keepOnly(new Set()));
    const ends = async (name: 'a' | 'b'): Promise<StageEnds> => {
      const neighbours = name === 'a' ? FIRST : LAST;
      links.prepare(name, neighbours);
      const opened = await links.open(name, '/', neighbours);
      return 'by' in opened ? expect.fail(opened.message) : opened;
    };
    const write = async (script: string) => start(['ignore', (await ends('a')).stdout], script);
    const read = async (script: string) => start([(await ends('b')).stdin, 'pipe'], script);
    return { links, ends, write, read };
  };

  /** As the launcher does: what it is given is released when the child has it. */
  const start = (stdio: readonly ('ignore' | 'pipe' | HeldDescriptor | null)[], script: string) => {
    const fds = stdio.map((one) => (typeof one === 'object' ? (one?.fd ?? 'ignore') : one));
    const child = spawn('/bin/sh', ['-c', script], { stdio: [...fds, 'inherit'] as never });
    for (const one of stdio) if (typeof one === 'object') one?.release();
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const ended = async (child: ChildProcess) => (
    child.exitCode ?? child.signalCode ?? (await once(child, 'exit')),
    child.signalCode ?? child.exitCode
  );
  const text = async ({ stdout }: ChildProcess) =>
    (await buffer(stdout ?? expect.fail('no stdout'))).toString();

  test('what one run of a reader leaves is read by the next', async () => {
    const { links, write, read } = setUp();
    expect(await ended(await write('printf "1\\n2\\n3\\n"'))).toBe(0);
    expect(await text(await read('read line; echo "$line"'))).toBe('1\n');
    const crash = await read('read line; echo "$line"; kill -9 $$');
    expect(await text(crash)).toBe('2\n');
    links.endWriting('b');
    expect(await text(await read('cat'))).toBe('3\n');
  });

  test('a reader sees no end between two runs of its writer, and one after the last', async () => {
    const { links, write, read } = setUp();
    const reader = await read('cat');
    const all = text(reader);
    await ended(await write('echo one'));
    await ended(await write('echo two'));
    links.endWriting('b');
    expect(await all).toBe('one\ntwo\n');
  });

  test('a writer waits while nobody reads, and gets SIGPIPE when nobody ever will', async () => {
    const { links, write } = setUp();
    const writer = await write('exec yes');
    links.endReading('b');
    expect(await ended(writer)).toBe('SIGPIPE');
  });

  test('who has prepared to write when its reader ends for good is told so, however late it starts', async () => {
    const { links, ends } = setUp();
    (await ends('b')).stdin?.release();
    links.prepare('a', FIRST);
    links.endReading('b');
    const opened = await links.open('a', '/', FIRST);
    const stdout = 'by' in opened ? expect.fail(opened.message) : opened.stdout;
    expect(await ended(start(['ignore', stdout], 'exec yes'))).toBe('SIGPIPE');
  });

  test('a run may have made its stdin non-blocking: the next one does not see it', async () => {
    const { links, ends, read } = setUp();
    const { stdin } = await ends('b');
    const script =
      'new (require("net").Socket)({ fd: 0 }).on("data", () => {}); process.kill(process.pid, "SIGKILL")';
    spawnSync(process.execPath, ['-e', script], { stdio: [stdin?.fd ?? 'ignore', 'inherit', 'inherit'] });
    stdin?.release();
    const reader = await read('echo ready; cat');
    const all = text(reader);
    await once(reader.stdout, 'readable');
    await ended(await setUpWriter(links));
    links.endWriting('b');
    expect(await all).toBe('ready\nlate\n');
  });

  const setUpWriter = async (links: ReturnType<typeof createStageLinks>) => {
    const opened = await links.open('a', '/', FIRST);
    return start(['ignore', 'by' in opened ? null : opened.stdout], 'echo late');
  };

  test('/dev/stdin can be opened again, with what is left and nobody who writes as well', async () => {
    const { links, write, read } = setUp();
    await ended(await write('printf "1\\n2\\n"'));
    expect(await text(await read('read line < /dev/stdin; echo "$line"'))).toMatch(/^1\n/);
    links.endWriting('b');
    expect(await ended(await read('cat >/dev/null'))).toBe(0);
  });

  test('what a reader was given stays open until it is launched, whatever becomes of the pipe', async () => {
    const { links, ends, read } = setUp();
    // Numbers below those of the pipe become free: a new pipe would not get the same ones by luck.
    const gap = [openSync('/dev/null', 'r'), openSync('/dev/null', 'r')];
    const { stdout } = await ends('a');
    writeSync(stdout?.fd ?? -1, 'old\n');
    stdout?.release();
    links.endWriting('b');
    for (const fd of gap) closeSync(fd);

    links.prepare('b', LAST);
    const opened = await links.open('b', '/', LAST);
    const stdin = 'by' in opened ? expect.fail(opened.message) : opened.stdin;
    const before = fstatSync(stdin?.fd ?? -1);
    links.prepare('a', FIRST);
    links.endReading('b');
    await links.open('a', '/', FIRST).then((one) => 'by' in one || one.stdout?.release());
    links.keepOnly(new Set());
    expect(fstatSync(stdin?.fd ?? -1)).toMatchObject({ ino: before.ino });
    expect(await text(start([stdin, 'pipe'], 'cat'))).toBe('old\n');
    expect(await text(await read('echo other'))).toBe('other\n');
  });

  test.runIf(process.platform === 'linux')(
    'a reader that was to read the rest reads on when its writer is started anew',
    async () => {
      const { links, ends } = setUp();
      const old = (await ends('a')).stdout;
      writeSync(old?.fd ?? -1, 'old\n');
      old?.release();
      links.endWriting('b');
      const { stdin } = await ends('b');
      const { stdout } = await ends('a');
      const all = text(start([stdin, 'pipe'], 'cat'));
      await ended(start(['ignore', stdout], 'echo new'));
      links.endWriting('b');
      expect(await all).toBe('old\nnew\n');
    },
  );

  test('what was prepared and is never opened is closed with the rest', async () => {
    const { links, ends } = setUp();
    (await ends('a')).stdout?.release();
    const reader = (await ends('b')).stdin;
    links.prepare('a', FIRST);
    links.keepOnly(new Set());
    expect(await text(start([reader, 'pipe'], 'cat'))).toBe('');
  });

  test('after the end both get a new pipe', async () => {
    const { links, write, read } = setUp();
    await ended(await write('echo old'));
    links.endWriting('b');
    links.endReading('b');
    await ended(await write('echo new'));
    links.endWriting('b');
    expect(await text(await read('cat'))).toBe('new\n');
  });
});

test.runIf(process.platform === 'linux')(
  'nothing is held after the end, of a pipe that is still being made either',
  async () => {
    const pipes = () =>
      readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:') ? [fd] : [];
        } catch {
          return [];
        }
      });
    const before = pipes();
    let made: (pipes: readonly StagePipe[]) => void = () => undefined;
    const making = new Promise<readonly StagePipe[]>((resolve) => (made = resolve));
    const links = createStageLinks(() => Promise.resolve(() => making));
    const opened = links.open('a', '/', FIRST);
    links.keepOnly(new Set());
    const { readFd: read, writeFd: write } = makePipe();
    made([{ read, write }]);
    const ends = await opened;
    if (!('by' in ends)) ends.stdout?.release();
    expect(pipes()).toEqual(before);
  },
);

test('a pipe that cannot be made is a refusal for both who were to have it, and is tried again', async () => {
  let isFull = true;
  const full = Object.assign(new Error('EMFILE: too many'), { code: 'EMFILE' });
  const links = createStageLinks(() =>
    Promise.resolve((count) => (isFull ? Promise.reject(full) : makeFifos(count))),
  );
  onTestFinished(() => links.keepOnly(new Set()));
  const refusal = { by: 'refusal', error: 'EMFILE' };
  links.prepare('a', FIRST);
  links.prepare('b', LAST);
  expect(await links.open('a', '/', FIRST)).toMatchObject(refusal);
  isFull = false;
  // Its writer has not started: it would wait for ever at a pipe of its own.
  expect(await links.open('b', '/', LAST)).toMatchObject(refusal);
  links.prepare('b', LAST);
  expect(await links.open('b', '/', LAST)).toMatchObject({
    stdout: null,
    stdin: { fd: expect.any(Number) as number },
  });
});
