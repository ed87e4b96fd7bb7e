/** What becomes of its words is tried with a real parent in daemonize.test.ts. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openHandshake } from '../../../src/os/process/handshake.ts';
import { until } from '../../helpers/eventually.ts';
import { makePipe } from '../../helpers/make-pipe.ts';
import { scratch } from '../../helpers/scratch.ts';

test('what is said comes as lines of JSON, then the end', async () => {
  const { readFd, writeFd } = makePipe();
  onTestFinished(() => closeSync(readFd));
  const handshake = openHandshake(writeFd);
  handshake.say({ up: ['web.1'] });
  handshake.say('two\nlines');
  handshake.close();
  handshake.close();
  handshake.say('too late');
  let heard = '';
  const buffer = Buffer.alloc(1000);
  const isAtEnd = (): boolean => {
    try {
      const size = readSync(readFd, buffer);
      heard += buffer.toString('utf8', 0, size);
      return size === 0;
    } catch {
      return false; // Nothing yet.
    }
  };
  await until(isAtEnd, 'the end');
  expect(heard).toBe('{"up":["web.1"]}\n"two\\nlines"\n');
});

test('a descriptor that is no channel is left alone: it is not for us', () => {
  const path = join(scratch({ file: 'as it was' }), 'file');
  const fd = openSync(path, 'r+');
  onTestFinished(() => closeSync(fd));
  const handshake = openHandshake(fd);
  handshake.say('x');
  handshake.close();
  expect(readFileSync(path, 'utf8')).toBe('as it was');
});

test('a descriptor that is not open is nobody', () => {
  const handshake = openHandshake(1_000_000);
  expect(() => {
    handshake.say('x');
    handshake.close();
  }).not.toThrow();
});
