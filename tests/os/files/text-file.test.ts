import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
  type PathLike,
} from 'node:fs';
import type * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { kindOf, readText } from '../../../src/os/files/text-file.ts';

const closings = vi.hoisted((): PathLike[] => []);

/** Files take a turn of the event loop longer to be closed. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  return {
    ...real,
    open: async (...given: Parameters<typeof real.open>) => {
      const file = await real.open(...given);
      const close = file.close.bind(file);
      file.close = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await close();
        closings.push(given[0]);
      };
      return file;
    },
  };
});

const dir = mkdtempSync(join(tmpdir(), 'procsup-files-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
};

test.each(['', 'web: x', '\uFEFFweb: é\r\n\0'])('reads %j as it is', async (text) => {
  expect(await readText(file('text', text))).toEqual({ ok: true, text });
});

test('is closed before its text is given: those who count descriptors next must not find it', async () => {
  const path = file('counted', 'web: x');
  await readText(path);
  expect(closings).toContain(path);
});

const fifo = join(dir, 'fifo');
execFileSync('mkfifo', [fifo]);

test('reads a FIFO to its end if that is wanted, and waits for its writer', async () => {
  const read = readText(fifo, { pipes: true });
  spawn('sh', ['-c', 'echo one > "$0"', fifo], { stdio: 'ignore' });
  expect(await read).toEqual({ ok: true, text: 'one\n' });
  expect(kindOf(fifo)).toBe('other');
});

test('waits for the writer of a pipe no longer than it may', async () => {
  const read = readText(fifo, { pipes: true, limitMs: 50 });
  expect(await read).toEqual({ ok: false, error: 'TIMED_OUT', reason: 'timed out after 0.05s' });
  const writer = openSync(fifo, 'r+');
  const held = readText(fifo, { pipes: true, limitMs: 50 });
  writeSync(writer, 'half');
  expect(await held).toMatchObject({ ok: false, error: 'TIMED_OUT' });
  closeSync(writer);
});

test('reads at once what may block', async () => {
  const mayBlock = true;
  expect(await readText(file('text', 'now'), { mayBlock })).toEqual({ ok: true, text: 'now' });
  expect(await readText(join(dir, 'nothing'), { mayBlock })).toMatchObject({ error: 'ENOENT' });
  expect(await readText(dir, { mayBlock })).toMatchObject({ error: 'EISDIR' });
  expect(await readText(fifo, { mayBlock })).toMatchObject({ error: 'NOT_REGULAR' });
});

test('refuses what is no regular file at once', async () => {
  for (const path of [fifo, '/dev/zero'])
    expect(await readText(path)).toEqual({ ok: false, error: 'NOT_REGULAR', reason: 'not a regular file' });
});

test('reads a link to /dev/null, and no more of /dev/zero than fits', async () => {
  symlinkSync('/dev/null', join(dir, 'null'));
  expect(await readText(join(dir, 'null'))).toEqual({ ok: true, text: '' });
  expect(await readText('/dev/zero', { pipes: true })).toMatchObject({ ok: false, error: 'TOO_LARGE' });
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
])('says why it cannot read %s', async (path, error, reason) => {
  expect(await readText(path)).toEqual({ ok: false, error, reason });
});

test.skipIf(process.getuid?.() === 0)('says that permission is denied', async () => {
  const path = file('secret', 'x');
  chmodSync(path, 0);
  expect(await readText(path)).toEqual({ ok: false, error: 'EACCES', reason: 'permission denied' });
});

test('an unforeseen refusal is worded by the system', async () => {
  expect(await readText('a\0b')).toMatchObject({ ok: false, error: 'ERR_INVALID_ARG_VALUE' });
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
