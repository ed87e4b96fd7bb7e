import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { boundFile } from '../../../src/os/files/bounded-file.ts';
import { scratch } from '../../helpers/scratch.ts';

function setUp() {
  const path = join(scratch(), 'daemon.log');
  const fd = openSync(path, 'a');
  onTestFinished(() => closeSync(fd));
  const file = boundFile(fd, path, 10);
  const append = (text: string): void => void writeSync(file.readyFor(text.length), text);
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

test('a file that was put aside is left as it is, and a new one begins', () => {
  const { path, append, content } = setUp();
  append('1234567890');
  renameSync(path, `${path}-old`);
  for (const text of ['next', ' more']) append(text);
  expect(content(`${path}-old`)).toBe('1234567890');
  expect(content()).toBe('next more');
  expect(() => content(`${path}.1`)).toThrow('ENOENT');
});

test('each time that it is deleted a new one begins, which is bounded too', () => {
  const { path, append, content } = setUp();
  const before = readdirSync('/dev/fd').length;
  for (const text of ['first', 'second', 'third']) {
    rmSync(path);
    append(text);
    expect(content()).toBe(text);
  }
  append('1234567890');
  expect(content()).toBe('1234567890');
  expect(content(`${path}.1`)).toBe('third');
  // The first one is not its own to close.
  expect(readdirSync('/dev/fd').length).toBe(before + 1);
});

test('while no file can be begun the old one is written to', () => {
  const { path, append, content } = setUp();
  renameSync(path, `${path}-old`);
  mkdirSync(path);
  append('next');
  expect(content(`${path}-old`)).toBe('next');
  rmSync(path, { recursive: true });
  append('new');
  expect(content()).toBe('new');
});

test('where the descriptor is another file from the first, nothing is begun', () => {
  const directory = scratch();
  const fd = openSync(join(directory, 'other'), 'a');
  onTestFinished(() => closeSync(fd));
  expect(boundFile(fd, join(directory, 'daemon.log'), 10).readyFor(100)).toBe(fd);
  expect(readdirSync(directory)).toEqual(['other']);
});

test('a copy that cannot be made does not stop it', () => {
  const { path, append, content } = setUp();
  mkdirSync(`${path}.1`);
  append('1234567890');
  append('next');
  expect(content()).toBe('next');
});
