/** The lines are those that GNU parallel 20221122 wrote, and the jobs those that it then left out. */
import { describe, expect, test } from 'vitest';
import type { JobResult } from '../../../src/core/pool/job.ts';
import {
  isToBeRun,
  JOBLOG_HEADER,
  joblogLine,
  readJoblog,
  type Resume,
} from '../../../src/core/pool/joblog.ts';

const RESULT: JobResult = {
  ...{ seq: 2, slot: 1, startedAtMs: 1_796_019_203_638.4, runtimeMs: 3.2, sentBytes: 0, receivedBytes: 2 },
  ...{ exit: { code: 1 }, attempts: 1, timedOut: false, command: 'sh -c "echo 1; exit 1"' },
};

describe('a line', () => {
  test.each([
    [{}, '2\t:\t1796019203.638\t     0.003\t0\t2\t1\t0\tsh -c "echo 1; exit 1"\n'],
    [
      { exit: { signal: 'SIGKILL' } },
      '2\t:\t1796019203.638\t     0.003\t0\t2\t0\t9\tsh -c "echo 1; exit 1"\n',
    ],
    [
      { exit: { signal: 'SIGTERM' }, timedOut: true, runtimeMs: 1766, receivedBytes: 0, command: 'sleep 5' },
      '2\t:\t1796019203.638\t     1.766\t0\t0\t-1\t15\tsleep 5\n',
    ],
    [
      { exit: { code: 0 }, command: "echo 'a\nb'" },
      "2\t:\t1796019203.638\t     0.003\t0\t2\t0\t0\techo 'a\0b'\n",
    ],
  ] as const)('%j', (change, expected) => {
    expect(joblogLine({ ...RESULT, ...change })).toBe(expected);
  });
});

/** The jobs from 1 to 5 that are still to be run. */
function remaining(text: string, resume: Resume) {
  const lines = text.split('\n');
  const reader = readJoblog();
  for (const line of lines.slice(0, -1)) reader.add(line);
  const log = reader.end(lines.at(-1) ?? '');
  const seqs = [1, 2, 3, 4, 5].filter((seq) => isToBeRun(seq, log, resume));
  return { seqs, isCut: log.isCut, foreignLine: log.foreignLine };
}

const DONE = '1\t:\t1796019341.429\t     0.003\t0\t0\t0\t0\texit 0\n';
const FAILED = '2\t:\t1796019341.434\t     0.002\t0\t0\t1\t0\texit 1\n';
const KILLED = '3\thost1\t1796019341.434\t     0.002\t0\t0\t0\t9\tkill -9 $$\n';
const REPAIRED = '2\t:\t1796019341.605\t     0.006\t0\t8\t0\t0\techo again 1\n';
const WHOLE = `${JOBLOG_HEADER}${DONE}${FAILED}${KILLED}`;
const SOUND = { isCut: false, foreignLine: null };

describe('a log that is resumed', () => {
  test.each<[string, string, Resume, object]>([
    ['by what has ended', WHOLE, 'ended', { seqs: [4, 5], ...SOUND }],
    ['by what has failed', WHOLE, 'failed', { seqs: [2, 3, 4, 5], ...SOUND }],
    ['the last line of a job counts', WHOLE + REPAIRED, 'failed', { seqs: [3, 4, 5], ...SOUND }],
    ['not at all', WHOLE, 'no', { seqs: [1, 2, 3, 4, 5], ...SOUND }],
    ['empty', '', 'ended', { seqs: [1, 2, 3, 4, 5], ...SOUND }],
    [
      'without a header, as parallel leaves it for a foreign file',
      DONE,
      'ended',
      { seqs: [2, 3, 4, 5], ...SOUND },
    ],
    [
      'cut within the header',
      'Seq\tHost',
      'ended',
      { seqs: [1, 2, 3, 4, 5], isCut: true, foreignLine: null },
    ],
    ['cut within a command', WHOLE.slice(0, -3), 'ended', { seqs: [4, 5], isCut: true, foreignLine: null }],
    [
      'cut within the signal',
      WHOLE.slice(0, -12),
      'ended',
      { seqs: [3, 4, 5], isCut: true, foreignLine: null },
    ],
    [
      'cut within the status',
      WHOLE.slice(0, -14),
      'ended',
      { seqs: [3, 4, 5], isCut: true, foreignLine: null },
    ],
    ['of another program', 'a\nb\n', 'ended', { seqs: [1, 2, 3, 4, 5], isCut: false, foreignLine: 1 }],
    ['of another program, one line', 'a', 'ended', { seqs: [1, 2, 3, 4, 5], isCut: true, foreignLine: 1 }],
    ['with a foreign line', `${WHOLE}oops\n`, 'ended', { seqs: [4, 5], isCut: false, foreignLine: 5 }],
  ])('%s', (_, text, resume, expected) => {
    expect(remaining(text, resume)).toEqual(expected);
  });

  test('a million jobs are kept in bits', () => {
    const reader = readJoblog();
    for (let seq = 1; seq <= 1_000_000; seq += 3) reader.add(`${seq}\t:\t1\t1\t0\t0\t${seq % 2}\t0\tx`);
    const log = reader.end('');
    const seqs = Array.from({ length: 1_000_000 }, (_, index) => index + 1);
    expect(seqs.filter(log.hasEnded)).toEqual(seqs.filter((seq) => seq % 3 === 1));
    expect(seqs.filter(log.hasFailed)).toEqual(seqs.filter((seq) => seq % 3 === 1 && seq % 2 === 1));
  });
});
