import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kindOf, readText } from '../../../src/os/files/text-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'procsup-files-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
};

test.each(['', 'web: x', '\uFEFFweb: é\r\n\0'])('reads %j as it is', (text) => {
  expect(readText(file('text', text))).toEqual({ ok: true, text });
});

test('reads a FIFO to its end', () => {
  const fifo = join(dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  spawn('sh', ['-c', 'echo one > "$0"', fifo], { stdio: 'ignore' });
  expect(readText(fifo)).toEqual({ ok: true, text: 'one\n' });
  expect(kindOf(fifo)).toBe('other');
});

symlinkSync(join(dir, 'loop'), join(dir, 'loop'));
mkdirSync(join(dir, 'folder'));
test.each([
  [join(dir, 'nothing'), 'ENOENT', 'no such file'],
  [join(file('plain', 'x'), 'below'), 'ENOTDIR', 'a part of the path is not a directory'],
  [join(dir, 'folder'), 'EISDIR', 'is a directory'],
  [join(dir, 'loop'), 'ELOOP', 'too many levels of symbolic links'],
  [join(dir, 'n'.repeat(300)), 'ENAMETOOLONG', 'file name too long'],
  [file('latin1', Buffer.from('web: x\n\nworker: \xe9\nx', 'latin1')), 'NOT_UTF8', 'invalid UTF-8 in line 3'],
  [file('cut', Buffer.from([0x61, 0xc3])), 'NOT_UTF8', 'invalid UTF-8 in line 1'],
  [file('utf16', Buffer.from('\uFEFFweb: x', 'utf16le')), 'NOT_UTF8', 'is UTF-16, not UTF-8'],
])('says why it cannot read %s', (path, error, reason) => {
  expect(readText(path)).toEqual({ ok: false, error, reason });
});

test.skipIf(process.getuid?.() === 0)('says that permission is denied', () => {
  const path = file('secret', 'x');
  chmodSync(path, 0);
  expect(readText(path)).toEqual({ ok: false, error: 'EACCES', reason: 'permission denied' });
});

test('an unforeseen refusal is worded by the system', () => {
  expect(readText('a\0b')).toMatchObject({ ok: false, error: 'ERR_INVALID_ARG_VALUE' });
});

test.each([
  ['.', 'directory'],
  ['plain', 'file'],
  ['nothing', 'missing'],
  ['plain/below', 'missing'],
  ['loop', 'out of reach'],
])('what is at %s', (name, kind) => {
  expect(kindOf(join(dir, name))).toBe(kind);
});
