/** Commands are run by it: what is believed, and what is not. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openKeptReadings, type KeptReadings } from '../../../src/os/files/kept-readings.ts';
import { scratch } from '../../helpers/scratch.ts';

const NAME = '0123456789abcdef';
const TEXT = JSON.stringify({ text: 'tasks: {}\n', reading: 'é'.repeat(50) });

function kept(): { readonly readings: KeptReadings; readonly directory: string; readonly path: string } {
  const home = scratch();
  const readings = openKeptReadings({ XDG_CACHE_HOME: home }) ?? expect.fail('there is a home');
  readings.keep(NAME, TEXT);
  const directory = join(home, 'procsup/readings');
  return { readings, directory, path: join(directory, NAME) };
}

test('what was kept is found, and is for nobody else', () => {
  const { readings, directory, path } = kept();
  expect(readings.find(NAME)).toBe(TEXT);
  expect(readings.find('f'.repeat(16))).toBeUndefined();
  expect([directory, path].map((one) => lstatSync(one).mode & 0o777)).toEqual([0o700, 0o600]);
  readings.keep(NAME, 'other');
  expect(readings.find(NAME)).toBe('other');
  expect(readdirSync(directory)).toEqual([NAME]);
});

test('one that ends anywhere, or holds zeros, is not believed', () => {
  const { readings, path } = kept();
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length));
    expect(readings.find(NAME)).toBeUndefined();
    writeFileSync(path, Buffer.concat([whole.subarray(0, length)], whole.length));
    expect(readings.find(NAME)).toBeUndefined();
  }
  writeFileSync(path, whole);
  expect(readings.find(NAME)).toBe(TEXT);
});

const link = (path: string): void => {
  renameSync(path, `${path}.old`);
  symlinkSync(`${path}.old`, path);
};

test.each<[string, (at: { directory: string; path: string }) => void]>([
  ['that others may write', ({ path }) => chmodSync(path, 0o666)],
  ['in a directory that others may enter', ({ directory }) => chmodSync(directory, 0o711)],
  ['below a directory that others may enter', ({ directory }) => chmodSync(join(directory, '..'), 0o711)],
  ['behind a link', ({ path }) => link(path)],
  ['in a directory behind a link', ({ directory }) => link(directory)],
  [
    'that is a FIFO',
    ({ path }) => {
      renameSync(path, `${path}.old`);
      execFileSync('mkfifo', ['-m', '600', path]);
    },
  ],
])('one %s is not believed', (_, change) => {
  const { readings, ...at } = kept();
  change(at);
  expect(readings.find(NAME)).toBeUndefined();
});

test('a few are kept, those that were written last', () => {
  const { readings, directory, path } = kept();
  for (let at = 0; at < 63; at += 1) readings.keep(`a${String(at)}`, TEXT);
  expect(readings.find(NAME)).toBe(TEXT);
  utimesSync(path, 1, 1);
  readings.keep('last', TEXT);
  expect(readdirSync(directory)).toHaveLength(64);
  expect(readings.find(NAME)).toBeUndefined();
  expect(readings.find('last')).toBe(TEXT);
});

test('where it cannot be kept nothing happens', () => {
  const home = scratch({ file: '' });
  for (const place of [join(home, 'file'), '/proc/nowhere']) {
    const readings = openKeptReadings({ XDG_CACHE_HOME: place });
    readings?.keep(NAME, TEXT);
    expect(readings?.find(NAME)).toBeUndefined();
  }
  expect(openKeptReadings({})).toBeUndefined();
  mkdirSync(join(home, 'procsup'));
  writeFileSync(join(home, 'procsup/readings'), '');
  openKeptReadings({ XDG_CACHE_HOME: home })?.keep(NAME, TEXT);
  expect(existsSync(join(home, 'procsup/readings', NAME))).toBe(false);
});
