import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadTheme, writeText } from '../../src/cli/io.ts';
import { plainTheme } from '../../src/ui/paint.ts';
import { scratch } from '../helpers/scratch.ts';

function fifo(): { path: string; writer: number; reader: number } {
  const path = join(scratch(), 'fifo');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return { path, writer, reader };
}

test('waits for a slow reader where the descriptor is non-blocking', async () => {
  const { path, writer, reader } = fifo();
  const counter = spawn('wc', ['-c', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const counted = new Promise((settle) =>
    counter.stdout.once('data', (bytes: Buffer) => settle(parseInt(bytes.toString()))),
  );
  expect(writeText(writer, 'x'.repeat(1_000_000))).toBeUndefined();
  closeSync(writer);
  closeSync(reader);
  expect(await counted).toBe(1_000_000);
});

test('a reader that left is no error', () => {
  const { writer, reader } = fifo();
  closeSync(reader);
  onTestFinished(() => closeSync(writer));
  expect(writeText(writer, 'x')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a full disk is one', () => {
  const fd = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(fd));
  expect(writeText(fd, 'x')).toMatchObject({ code: 'ENOSPC' });
});

test('chalk is loaded only where there is something to colour', async () => {
  expect(await loadTheme(false)).toBe(plainTheme);
  expect((await loadTheme(true)).error('x')).toBe('\u001b[31mx\u001b[39m');
});
