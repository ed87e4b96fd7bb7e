import { execFileSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createInputs } from '../../../src/os/pipes/inputs.ts';
import { until } from '../../helpers/eventually.ts';
import { scratch } from '../../helpers/scratch.ts';

/** A pipe whose ends both do not block. The write end is the inputs' to close. */
function makeInput() {
  const path = join(scratch(), 'pipe');
  execFileSync('mkfifo', [path]);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  let isOpen = true;
  const hangUp = (): void => {
    if (isOpen) closeSync(readFd);
    isOpen = false;
  };
  onTestFinished(hangUp);
  /** What is in the pipe now; null at its end. */
  const read = (): string | null => {
    const buffer = Buffer.alloc(65_536);
    try {
      const count = readSync(readFd, buffer);
      return count === 0 ? null : buffer.toString('latin1', 0, count);
    } catch {
      return '';
    }
  };
  return { writeFd, read, hangUp };
}

function setUp() {
  const inputs = createInputs();
  onTestFinished(() => inputs.closeAll());
  return inputs;
}

const isOpen = (fd: number): boolean => {
  try {
    return fstatSync(fd).isFIFO();
  } catch {
    return false;
  }
};

test('what is written arrives, one after the other', async () => {
  const inputs = setUp();
  const { writeFd, read } = makeInput();
  inputs.attach('web.1', writeFd);
  const both = await Promise.all([
    inputs.write('web.1', Buffer.from('a')),
    inputs.write('web.1', Buffer.from('b')),
  ]);
  expect(both).toEqual([{ taken: true }, { taken: true }]);
  expect(read()).toBe('ab');
  inputs.close('web.1');
  expect(read()).toBeNull();
});

test('whoever has no stdin', async () => {
  const inputs = setUp();
  const why = 'the stdin of web.1 is closed (it has exited, or runs with --stdin null)';
  expect(await inputs.write('web.1', Buffer.from('a'))).toEqual({ taken: false, why });
  inputs.attach('web.1', makeInput().writeFd);
  inputs.close('web.1');
  inputs.close('web.1');
  expect(await inputs.write('web.1', Buffer.from('a'))).toEqual({ taken: false, why });
});

test('a program that has closed its stdin', async () => {
  const inputs = setUp();
  const { writeFd, hangUp } = makeInput();
  inputs.attach('web.1', writeFd);
  hangUp();
  expect(await inputs.write('web.1', Buffer.from('a'))).toEqual({
    taken: false,
    why: 'web.1 does not read its stdin (EPIPE)',
  });
});

test('more than the pipe holds waits for the reader, and nobody comes in between', async () => {
  const inputs = setUp();
  const { writeFd, read } = makeInput();
  inputs.attach('web.1', writeFd);
  const big = inputs.write('web.1', Buffer.alloc(200_000, 'a'));
  const small = inputs.write('web.1', Buffer.from('b'));
  let got = '';
  await until(() => (got += read() ?? '').length === 200_001, 'all of it');
  expect(await Promise.all([big, small])).toEqual([{ taken: true }, { taken: true }]);
  expect(got).toBe(`${'a'.repeat(200_000)}b`);
});

test('a program that reads nothing: the rest is refused after a while', async () => {
  const inputs = setUp();
  const { writeFd } = makeInput();
  inputs.attach('web.1', writeFd);
  expect(await inputs.write('web.1', Buffer.alloc(200_000))).toEqual({
    taken: false,
    why: 'web.1 does not read its stdin; it took 65536 of 200000 bytes',
  });
});

test('what was meant for a program never reaches its successor, though the descriptor has the same number', async () => {
  const inputs = setUp();
  const first = makeInput();
  inputs.attach('web.1', first.writeFd);
  const waiting = inputs.write('web.1', Buffer.alloc(200_000, 'a'));
  await until(() => first.read() === 'a'.repeat(65_536), 'a full pipe');
  inputs.close('web.1');
  const path = join(scratch(), 'pipe');
  execFileSync('mkfifo', [path]);
  // The lowest free number is the one that was closed just now, once the reader has another.
  const spare: number[] = [];
  onTestFinished(() => spare.forEach((fd) => closeSync(fd)));
  let readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (readFd === first.writeFd) {
    readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    closeSync(first.writeFd);
  }
  spare.push(readFd);
  const writeFd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  expect(writeFd).toBe(first.writeFd);
  inputs.attach('web.1', writeFd);
  expect(await waiting).toEqual({ taken: false, why: 'web.1 has ended, or its stdin was closed' });
  expect(await inputs.write('web.1', Buffer.from('b'))).toEqual({ taken: true });
  const buffer = Buffer.alloc(100);
  expect(buffer.toString('latin1', 0, readSync(readFd, buffer))).toBe('b');
});

test('descriptors are let go of', () => {
  const inputs = setUp();
  const [a, b, c] = [makeInput(), makeInput(), makeInput()];
  const closeFirst = inputs.attach('web.1', a.writeFd);
  inputs.attach('web.1', b.writeFd);
  inputs.attach('web.2', c.writeFd);
  expect([a, b, c].map(({ writeFd }) => isOpen(writeFd))).toEqual([true, true, true]);
  closeFirst();
  expect([a, b, c].map(({ writeFd }) => isOpen(writeFd))).toEqual([false, true, true]);
  inputs.closeAll();
  expect([b, c].map(({ writeFd }) => isOpen(writeFd))).toEqual([false, false]);
});
