import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ownIdentity, presenceOf } from '../../../src/os/process/identity.ts';
import { until } from '../../helpers/eventually.ts';
import { commandOf, stateOf } from '../../helpers/proc.ts';
import { withoutDescriptors } from '../../helpers/no-descriptors.ts';
import { scratch } from '../../helpers/scratch.ts';

const NOBODY = 2 ** 22 + 1;

describe.each([
  ['with /proc', '/proc'],
  ['without /proc', '/no/such/directory'],
])('%s', (_name, proc) => {
  const me = ownIdentity(proc);

  test('we know who we are, and that we live', () => {
    expect(me.pid).toBe(process.pid);
    expect(me.started).toMatch(/^\d+$/);
    expect(presenceOf(me, proc)).toEqual({ is: 'living' });
    expect(ownIdentity(proc)).toEqual(me);
  });

  test('a pid that is free does not live', () => {
    expect(presenceOf({ ...me, pid: NOBODY }, proc)).toEqual({ is: 'gone' });
  });

  test('a living stranger who has the pid now is somebody else', () => {
    expect(presenceOf({ ...me, started: String(Number(me.started) - 100) }, proc)).toEqual({ is: 'gone' });
  });

  test('whoever lived before the last boot does not live', () => {
    expect(presenceOf({ ...me, boot: 'another' }, proc)).toEqual({ is: 'gone' });
  });
});

test('a zombie does not live, with /proc or without', async () => {
  // The shell becomes a program that never asks what has become of its child, which ends after that.
  const parent = spawn('/bin/sh', ['-c', 'exec 3<&0; cat <&3 >&2 & echo $!; exec sleep 1000']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())));
  });
  await until(() => commandOf(parent.pid ?? 0).startsWith('sleep'), 'the shell is another program');
  parent.stdin.end();
  await until(() => stateOf(pid) === 'Z', 'it is a zombie');
  const started = readFileSync(`/proc/${String(pid)}/stat`, 'latin1').split(' ')[21] ?? '';
  expect(presenceOf({ ...ownIdentity(), pid, started })).toEqual({ is: 'gone' });
  const seconds = String(Math.round(Date.now() / 1e3));
  expect(presenceOf({ pid, started: seconds, boot: null }, '/no/such/directory')).toEqual({ is: 'gone' });
});

test('without a free descriptor it is unknown who lives, and nobody is gone', async () => {
  const me = ownIdentity();
  const giveBack = await withoutDescriptors();
  const seen = presenceOf(me);
  const thrown = (() => {
    try {
      return ownIdentity();
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  })();
  await giveBack();
  expect(seen).toEqual({ is: 'unknown', why: 'EMFILE' });
  expect(thrown).toBe('EMFILE');
});

test('a time namespace in which the machine was booted at another time makes nobody another', () => {
  const procWith = (startTicks: number, offsets: string): string => {
    const stat = `7 (web) S ${'0 '.repeat(18)}${startTicks} 0 0\n`;
    const boot = { 'sys/kernel/random/boot_id': 'this\n', 'self/timens_offsets': offsets };
    return scratch({ '7/stat': stat, [`${process.pid}/stat`]: stat, 'self/stat': stat, ...boot });
  };
  const outside = procWith(2200, 'monotonic           0         0\nboottime            0         0\n');
  const inside = procWith(12_200, 'monotonic         -50         0\nboottime          100         0\n');
  const before = procWith(200, 'monotonic           0         0\nboottime          -20         0\n');
  const identity = { pid: 7, started: '2200', boot: 'this' };
  for (const proc of [outside, inside, before]) {
    expect(ownIdentity(proc).started).toBe('2200');
    expect(presenceOf(identity, proc)).toEqual({ is: 'living' });
    expect(presenceOf({ ...identity, started: '12200' }, proc)).toEqual({ is: 'gone' });
  }
});

test('a name with blanks and parentheses misleads nobody', () => {
  const rest = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(' ');
  const stat = `7 (a) Z 1 (b) S ${rest}`;
  const proc = scratch({ '7/stat': stat, 'self/stat': stat, 'sys/kernel/random/boot_id': 'this\n' });
  expect(presenceOf({ pid: 7, started: '22', boot: 'this' }, proc)).toEqual({ is: 'living' });
  expect(presenceOf({ pid: 7, started: '23', boot: 'this' }, proc)).toEqual({ is: 'gone' });
  expect(presenceOf({ pid: 8, started: '22', boot: 'this' }, proc)).toEqual({ is: 'gone' });
});
