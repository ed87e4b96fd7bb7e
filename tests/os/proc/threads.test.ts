import { expect, test } from 'vitest';
import { detailsOf } from '../../../src/os/proc/details.ts';
import { createProcSampler } from '../../../src/os/proc/sampler.ts';
import { searchGroup, searchRun } from '../../../src/os/proc/search.ts';
import { membersOf } from '../../../src/os/proc/stage-members.ts';
import { emptyStat, hasEnded } from '../../../src/os/proc/stat.ts';
import { directoryOf, readLiving, readStat } from '../../../src/os/proc/threads.ts';
import { canBeHeadless, launchHeadless } from '../../helpers/headless.ts';
import { scratch } from '../../helpers/scratch.ts';

const REST = '1 7 7 0 -1 0 0 0 0 0 50 0 0 0 20 0';

/** A proc file system of one process: its own stat and those of its threads, each `state threads`. */
function procOf(own: string, threads: Readonly<Record<string, string>>): string {
  const line = (tid: string, text: string): string => {
    const [state = '', count = ''] = text.split(' ');
    return `${tid} (a) ${state} ${REST} ${count} 0 4711 0 ${state === 'Z' ? '0' : '999'} 1\n`;
  };
  const files = Object.entries(threads).map(([tid, text]) => [`7/task/${tid}/stat`, line(tid, text)]);
  return scratch({ '7/stat': line('7', own), ...(Object.fromEntries(files) as Record<string, string>) });
}

test('a process is as its main thread is', () => {
  const stat = emptyStat();
  expect(readStat(7, stat, procOf('S 3', {}))).toEqual({ is: 'read' });
  expect([hasEnded(stat), stat.thread, stat.residentPages]).toEqual([false, 7, 999]);
});

test('when that has ended it is as another thread that lives', () => {
  const stat = emptyStat();
  const proc = procOf('Z 3', { 7: 'Z 3', 8: 'X 3', 9: 'S 3' });
  expect(readLiving(7, stat, proc)).toEqual({ is: 'read' });
  expect([hasEnded(stat), stat.thread, stat.residentPages]).toEqual([false, 9, 999]);
  expect(directoryOf(7, stat)).toBe('/proc/7/task/9');
});

test.each([
  ['a zombie', 'Z 1', {}],
  ['one whose other threads are ending too', 'Z 2', { 7: 'Z 2', 8: 'Z 2' }],
])('%s is gone', (_name, own, threads) => {
  expect(readLiving(7, emptyStat(), procOf(own, threads))).toEqual({ is: 'gone' });
});

test('what cannot be read is unknown, and never gone', () => {
  const proc = scratch({ '7/stat': 'nonsense' });
  expect(readLiving(7, emptyStat(), proc)).toEqual({ is: 'unknown', why: 'EBADMSG' });
  expect(readLiving(8, emptyStat(), proc)).toEqual({ is: 'gone' });
  // Its threads cannot be looked at.
  const headless = procOf('Z 2', { 7: 'Z 2', '8/stat': 'S 2' });
  expect(readLiving(7, emptyStat(), headless)).toEqual({ is: 'unknown', why: 'EISDIR' });
});

test.runIf(canBeHeadless)(
  'a program whose main thread has ended is found, measured and looked into',
  async () => {
    const pid = await launchHeadless({ PROCSUP_RUN_ID: `headless-${process.pid}:` });
    expect(searchGroup(pid)).toEqual({ living: true, ended: false, missed: null });
    expect(searchRun(`headless-${process.pid}:`)).toEqual({ pids: [pid], missed: null });
    const sampler = createProcSampler();
    const reading = (await sampler.sample([pid])).get(pid);
    expect(reading).toMatchObject({ processes: 1 });
    expect(reading?.memoryBytes).toBeGreaterThan(10_000_000);
    expect(reading?.cpuMs).toBeGreaterThan(0);
    const details = (await sampler.details([pid])).get(pid);
    expect(details?.descriptors).toBeGreaterThan(3);
    expect(details?.pssBytes).toBeGreaterThan(1_000_000);
    sampler.close();

    const stat = emptyStat();
    readStat(pid, stat);
    expect(membersOf([{ pid, stat, fd: undefined }], new Set())).toMatchObject([{ stdin: '/dev/null' }]);
  },
);

test('of those who have ended nothing is known, and it makes nothing unknown', async () => {
  const gone = { pid: 2 ** 22 + 1, directory: `/proc/${2 ** 22 + 1}` };
  expect(await detailsOf([gone])).toEqual({ pssBytes: 0, descriptors: 0 });
});
