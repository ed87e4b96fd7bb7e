import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { readInto } from '../../../src/os/pipes/reader.ts';
import { READ_BYTES } from '../../../src/output/prefixer.ts';
import { makePipe } from '../../helpers/make-pipe.ts';

test('a descriptor that cannot be watched is at its end, and no error', async () => {
  const fd = openSync(import.meta.filename, 'r');
  await new Promise<void>((ended) => {
    const reader = readInto(Buffer.alloc(10))(fd, { data: () => undefined, end: ended });
    reader.pause();
    reader.resume();
  });
  expect(fd).toBeGreaterThan(2);
});

test('a descriptor that cannot be watched is closed all the same, once', () => {
  const fd = openSync(import.meta.filename, 'r');
  const reader = readInto(Buffer.alloc(10))(fd, { data: () => undefined, end: () => undefined });
  reader.close();
  expect(() => fstatSync(fd)).toThrow('EBADF');
  const next = openSync(import.meta.filename, 'r');
  reader.close();
  expect(next).toBe(fd);
  expect(fstatSync(next).isFile()).toBe(true);
  closeSync(next);
});

test('a pipe that is filled as fast as it is read leaves the others their turns', async () => {
  const { readFd, writeFd } = makePipe();
  spawn('head', ['-c', '50000000', '/dev/zero'], { stdio: ['ignore', writeFd, 'ignore'] });
  closeSync(writeFd);
  let readsInTurn = 0;
  let mostInTurn = 0;
  let byteCount = 0;
  let turns: NodeJS.Immediate | undefined;
  const nextTurn = (): void => {
    mostInTurn = Math.max(mostInTurn, readsInTurn);
    readsInTurn = 0;
    turns = setImmediate(nextTurn);
  };
  nextTurn();
  await new Promise<void>((ended) => {
    const data = (read: number): void => {
      readsInTurn += 1;
      byteCount += read;
    };
    readInto(Buffer.alloc(4096))(readFd, { data, end: ended });
  });
  clearImmediate(turns);
  expect(byteCount).toBe(50_000_000);
  // libuv alone would read 32 times.
  expect(mostInTurn).toBeLessThanOrEqual(4);
  expect(mostInTurn).toBeGreaterThan(1);
});

test('a pipe is not stopped and resumed while the buffer is larger than what it holds', async () => {
  const { readFd, writeFd } = makePipe();
  spawn('head', ['-c', '5000000', '/dev/zero'], { stdio: ['ignore', writeFd, 'ignore'] });
  closeSync(writeFd);
  const stopped = vi.spyOn(Socket.prototype, 'pause');
  let byteCount = 0;
  await new Promise<void>((ended) => {
    const data = (read: number): void => void (byteCount += read);
    readInto(Buffer.alloc(READ_BYTES))(readFd, { data, end: ended });
  });
  expect(byteCount).toBe(5_000_000);
  expect(stopped).not.toHaveBeenCalled();
  stopped.mockRestore();
});
