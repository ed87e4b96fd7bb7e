import { closeSync, openSync, readSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { loadFastKoffiIoctl } from '../../../src/os/pipes/koffi-addon.ts';
import { openPty } from '../../../src/os/terminal/pty.ts';
import { createTerminals } from '../../../src/os/terminal/terminals.ts';
import { makePipe } from '../../helpers/make-pipe.ts';

const control = await loadFastKoffiIoctl();

test('without koffi there is a refusal that says what to do, and that is not tried again', async () => {
  const terminals = createTerminals(
    () => Promise.resolve(undefined),
    () => undefined,
  );
  expect(await terminals.open('web.1')).toMatchObject({
    by: 'refusal',
    message: expect.stringContaining(
      "needs the package koffi: install it with 'npm install koffi'",
    ) as string,
    lasting: true,
  });
  expect(terminals.of('web.1')).toBeUndefined();
});

test.skipIf(control === undefined)('a program that was not started leaves no descriptor behind', async () => {
  const terminals = createTerminals(
    () => Promise.resolve(control),
    () => undefined,
  );
  const free = () => {
    const { readFd, writeFd } = makePipe();
    closeSync(readFd);
    closeSync(writeFd);
    return readFd;
  };
  const before = free();
  const terminal = await terminals.open('web.1');
  if ('by' in terminal) return expect.fail(terminal.message);
  terminal.discard();
  expect(free()).toBe(before);
  expect(terminal.input.write(Buffer.from('x'))).toBe('EIO');
});

test.skipIf(control === undefined)('a pseudo-terminal has a size, and tells what its program has set', () => {
  if (control === undefined) return;
  const pty = openPty(control, { rows: 40, columns: 120 });
  onTestFinished(() => pty.discard());
  const slave = openSync(pty.path, 'r+');
  onTestFinished(() => closeSync(slave));
  expect(pty.lineMode()).toEqual({ isCanonical: true, echoes: true });
  expect(pty.write(Buffer.from('line\r'))).toBe(5);
  const buffer = Buffer.alloc(100);
  expect(buffer.toString('latin1', 0, readSync(slave, buffer))).toBe('line\n');
  // Nobody reads: it is full before long, and says so.
  let sent = 0;
  for (;;) {
    const went = pty.write(Buffer.alloc(1000, 'x\r'));
    if (typeof went === 'string') return expect.fail(went);
    if (went === 0) break;
    sent += went;
    expect(sent).toBeLessThan(1_000_000);
  }
  expect(sent).toBeGreaterThan(4096);
});
