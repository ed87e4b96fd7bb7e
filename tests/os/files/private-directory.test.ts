import { chmodSync, chownSync, lchownSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  isTaken,
  makePrivateDirectory,
  securePrivateDirectory,
  whyNotPrivate,
} from '../../../src/os/files/private-directory.ts';
import { scratch } from '../../helpers/scratch.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('it is made, its parents too, for nobody else', () => {
  const base = scratch();
  const path = join(base, 'a/b/c');
  expect(whyNotPrivate(path)).toMatch(/does not exist/);
  makePrivateDirectory(path);
  expect([path, join(base, 'a/b'), join(base, 'a')].map(modeOf)).toEqual([0o700, 0o700, 0o700]);
  expect(whyNotPrivate(path)).toBeUndefined();
});

test('one that is there and private stays as it is, twice is once', () => {
  const path = join(scratch(), 'a');
  makePrivateDirectory(path);
  const { ctimeMs } = statSync(path);
  makePrivateDirectory(path);
  expect(statSync(path).ctimeMs).toBe(ctimeMs);
});

test.each([0o755, 0o770, 0o701, 0o777])(
  'one of ours that is open to others is closed, its parent is not: %o',
  (mode) => {
    const parent = scratch();
    const path = join(parent, 'a');
    mkdirSync(path);
    chmodSync(path, mode);
    chmodSync(parent, 0o755);
    expect(whyNotPrivate(path)).toMatch(/accessible to other users: run chmod 700 '.*\/a'$/);
    expect(modeOf(path)).toBe(mode);
    makePrivateDirectory(path);
    expect([modeOf(path), modeOf(parent)]).toEqual([0o700, 0o755]);
  },
);

test('a symbolic link is refused, even to a private directory, and that stays as it is', () => {
  const parent = scratch();
  mkdirSync(join(parent, 'real'));
  chmodSync(join(parent, 'real'), 0o755);
  symlinkSync('real', join(parent, 'link'));
  symlinkSync('nowhere', join(parent, 'dangling'));
  for (const name of ['link', 'dangling']) {
    expect(() => makePrivateDirectory(join(parent, name))).toThrow(/symbolic link.*remove it/);
  }
  expect(modeOf(join(parent, 'real'))).toBe(0o755);
});

test('where no directory can be made, that is an error and no wait', () => {
  expect(() => makePrivateDirectory('/proc/self/a')).toThrow(/ENOENT/);
  expect(() => makePrivateDirectory('/proc/self/a/b')).toThrow(/ENOENT/);
});

test('a file is refused, in its place or in that of a parent', () => {
  const file = join(scratch({ file: '' }), 'file');
  expect(() => makePrivateDirectory(file)).toThrow(/is not a directory: remove it/);
  expect(() => makePrivateDirectory(join(file, 'a'))).toThrow(/ENOTDIR/);
  expect(whyNotPrivate(join(file, 'a'))).toMatch(/does not exist/);
});

test.skipIf(process.getuid?.() !== 0)("another user's is refused, and not touched", () => {
  const path = join(scratch(), 'a');
  mkdirSync(path);
  chmodSync(path, 0o755);
  chownSync(path, 12_345, 12_345);
  expect(() => makePrivateDirectory(path)).toThrow(/is owned by another user \(uid 12345\).*XDG_STATE_HOME/);
  expect(modeOf(path)).toBe(0o755);
});

test('a directory that others could write to is closed with a warning, one that they could read without', () => {
  const path = join(scratch(), 'a');
  expect(securePrivateDirectory(path)).toBeUndefined();
  chmodSync(path, 0o777);
  expect(securePrivateDirectory(path)).toMatch(/a' was writable by other users; it is closed to them now/);
  expect(modeOf(path)).toBe(0o700);
  expect(securePrivateDirectory(path)).toBeUndefined();
  chmodSync(path, 0o755);
  expect(securePrivateDirectory(path)).toBeUndefined();
  expect(modeOf(path)).toBe(0o700);
});

test('a link of our own to a directory is followed with a warning, and its target closed', () => {
  const base = scratch({ 'target/file': '' });
  const link = join(base, 'link');
  symlinkSync('target', link);
  expect(securePrivateDirectory(link)).toBe(`'${link}' is a symbolic link to '${join(base, 'target')}'`);
  expect(modeOf(join(base, 'target'))).toBe(0o700);
  const dangling = join(base, 'dangling');
  symlinkSync('nowhere', dangling);
  expect(() => securePrivateDirectory(dangling)).toThrow(/ENOENT/);
});

test.skipIf(process.getuid?.() !== 0)('a link or a directory of another user is refused, and taken', () => {
  const base = scratch({ 'target/file': '' });
  const link = join(base, 'link');
  symlinkSync('target', link);
  lchownSync(link, 7, 7);
  expect(() => securePrivateDirectory(link)).toThrow(/symbolic link, which could be redirected/);
  chownSync(join(base, 'target'), 7, 7);
  expect(() => securePrivateDirectory(join(base, 'target'))).toThrow(/owned by another user \(uid 7\)/);
  expect([link, join(base, 'target'), base, join(base, 'none')].map(isTaken)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
