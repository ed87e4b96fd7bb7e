import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { boundFile } from '../../../src/os/files/bounded-file.ts';
import { scratch } from '../../helpers/scratch.ts';

function setUp() {
  const path = join(scratch(), 'daemon.log');
  const fd = openSync(path, 'a');
  onTestFinished(() => closeSync(fd));
  const makeRoom = boundFile(fd, path, 10);
  const append = (text: string): void => {
    makeRoom(text.length);
    writeSync(fd, text);
  };
  const content = (name = path): string => readFileSync(name, 'utf8');
  return { path, append, content };
}

test('a file that would become too large begins anew; what it had is kept beside it', () => {
  const { path, append, content } = setUp();
  for (const text of ['12345', '67890', 'abc', 'defghij', 'k']) append(text);
  expect(content()).toBe('k');
  expect(content(`${path}.1`)).toBe('abcdefghij');
});

test('more than fits is written as a whole', () => {
  const { append, content } = setUp();
  append('0123456789abc');
  append('next');
  expect(content()).toBe('next');
});

test('a file that was put aside stays short, and nothing in its place is touched', () => {
  const { path, append, content } = setUp();
  append('1234567890');
  renameSync(path, `${path}-old`);
  append('next');
  expect(content(`${path}-old`)).toBe('next');
  expect(() => content(`${path}.1`)).toThrow('ENOENT');
});

test('a copy that cannot be made does not stop it', () => {
  const { path, append, content } = setUp();
  mkdirSync(`${path}.1`);
  append('1234567890');
  append('next');
  expect(content()).toBe('next');
});
