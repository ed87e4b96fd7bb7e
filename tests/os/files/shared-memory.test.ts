/** The files of shared memory, on the real file system. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runTagOf } from '../../../src/core/run-tag.ts';
import { makeSharedMemory, type SharedMemoryOrder } from '../../../src/os/files/shared-memory.ts';
import { removeSharedMemory, sharedMemoryDirectory } from '../../../src/os/files/shared-memory-place.ts';
import { scratch } from '../../helpers/scratch.ts';

const NEVER = new AbortController().signal;
const MIB = 1024 * 1024;

function setUp(files: Readonly<Record<string, string>> = {}) {
  const root = scratch(files);
  const directory = join(root, 'memory');
  const make = (order: SharedMemoryOrder, signal = NEVER) => makeSharedMemory(directory, 'a', order, signal);
  return { root, directory, make };
}

test('it has zeros, all of them are allocated, and it is private', async () => {
  const { directory, make } = setUp();
  const bytes = 2 * MIB + 4096;
  expect(await make({ bytes })).toEqual({ path: join(directory, 'a'), bytes });
  const { size, blocks, mode } = statSync(join(directory, 'a'));
  expect({ size, mode: mode & 0o777 }).toEqual({ size: bytes, mode: 0o600 });
  // A file with holes has fewer: a write into one of them may be SIGBUS.
  expect(blocks * 512).toBeGreaterThanOrEqual(bytes);
  expect(readFileSync(join(directory, 'a')).equals(Buffer.alloc(bytes))).toBe(true);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(readdirSync(directory)).toEqual(['a']);
});

test.each([
  ['without a size', undefined, MIB + 5],
  ['with a larger one', 2 * MIB + 7, 2 * MIB + 7],
])('it begins with a file, %s', async (_, bytes, size) => {
  const { root, directory, make } = setUp();
  const content = Buffer.from(Array.from({ length: MIB + 5 }, (_, at) => at % 251));
  writeFileSync(join(root, 'from'), content);
  expect(await make({ bytes, from: join(root, 'from') })).toMatchObject({ bytes: size });
  const made = readFileSync(join(directory, 'a'));
  expect(made.length).toBe(size);
  expect(made.subarray(0, content.length).equals(content)).toBe(true);
  expect(made.subarray(content.length).every((byte) => byte === 0)).toBe(true);
});

test.each<[string, SharedMemoryOrder & { readonly file?: string }, string]>([
  ['no room', { bytes: 2 ** 52 }, 'no-room'],
  ['a missing file', { file: 'missing' }, 'invalid-file'],
  ['a directory', { file: '.' }, 'invalid-file'],
  ['a FIFO without a writer', { file: 'fifo' }, 'invalid-file'],
  ['an empty file', { file: 'empty' }, 'invalid-size'],
  ['nothing', { bytes: 0 }, 'invalid-size'],
])('%s is refused, and leaves nothing', async (_, { file, bytes }, code) => {
  const { root, directory, make } = setUp({ empty: '' });
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const order = { bytes, ...(file !== undefined && { from: join(root, file) }) };
  expect(await make(order)).toMatchObject({ code });
  expect(existsSync(directory) ? readdirSync(directory) : []).toEqual([]);
});

test('what is called off is removed', async () => {
  const { directory, make } = setUp();
  const controller = new AbortController();
  const making = make({ bytes: 64 * MIB }, controller.signal);
  controller.abort();
  expect(await making).toMatchObject({ code: 'closing' });
  expect(readdirSync(directory)).toEqual([]);
});

test('a directory that others can write to is not used', async () => {
  const { root, make } = setUp({ 'elsewhere/x': '' });
  execFileSync('ln', ['-s', join(root, 'elsewhere'), join(root, 'memory')]);
  expect(await make({ bytes: 1 })).toMatchObject({ code: 'system' });
  expect(readdirSync(join(root, 'elsewhere'))).toEqual(['x']);
});

test('what a crash has left is found by the run tag, and nothing but files is removed', () => {
  const tag = runTagOf(process.pid, Date.now(), Math.random());
  const directory = sharedMemoryDirectory(tag);
  onTestFinished(() => void execFileSync('rm', ['-rf', directory]));
  mkdirSync(join(directory, 'folder'), { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'a'), 'x');
  writeFileSync(join(directory, 'b.new'), 'x');
  removeSharedMemory(tag);
  expect(readdirSync(directory)).toEqual(['folder']);
  execFileSync('rmdir', [join(directory, 'folder')]);
  removeSharedMemory(tag);
  expect(existsSync(directory)).toBe(false);
});

test('a link in its place is left alone', () => {
  vi.stubEnv('TMPDIR', scratch({ 'victim/a': 'x' }));
  onTestFinished(() => void vi.unstubAllEnvs());
  const tag = runTagOf(process.pid, Date.now(), Math.random());
  const name = sharedMemoryDirectory(tag).split('/').at(-1) ?? '';
  execFileSync('ln', ['-s', join(tmpdir(), 'victim'), join(tmpdir(), name)]);
  removeSharedMemory(tag);
  expect(readFileSync(join(tmpdir(), 'victim/a'), 'utf8')).toBe('x');
});
