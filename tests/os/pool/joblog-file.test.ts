/** The file of a job log on a full disk. */
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JOBLOG_HEADER } from '../../../src/core/pool/joblog.ts';
import { openJoblog } from '../../../src/os/pool/joblog-file.ts';
import { scratch } from '../../helpers/scratch.ts';

test('lines for a full disk wait up to a limit; later ones are missing and counted', () => {
  const path = join(scratch(), 'log');
  let isFull = true;
  const write = (fd: number, bytes: Uint8Array): number => {
    if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    return writeSync(fd, bytes, 0, Math.min(bytes.length, 7));
  };
  const log = openJoblog(path, false, { mostWaitingBytes: 50, write });
  if ('foreignLine' in log) throw new Error('not opened');
  const lines = Array.from({ length: 20 }, (_, index) => `line ${String(index).padStart(4, '0')}\n`);
  for (const line of lines) expect(log.add(line)).toBe('ENOSPC');
  isFull = false;
  expect(log.add('the last\n')).toBeUndefined();
  expect(log.close()).toBe(15);
  expect(readFileSync(path, 'latin1')).toBe(JOBLOG_HEADER + lines.slice(0, 5).join('') + 'the last\n');
});
