/** The job log of `procsup pool`: that of GNU parallel 20221122, which wrote the logs here. Nothing is left out silently. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const HEADER = 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n';
/** Written by `parallel -j2 -0 --joblog FILE`: a job that succeeded, one that failed, one with a newline in its command. */
const OF_PARALLEL =
  HEADER +
  '1\t:\t1796019341.429\t     0.003\t0\t0\t0\t0\texit 0\n' +
  '2\t:\t1796019341.434\t     0.002\t0\t0\t1\t0\texit 1\n' +
  "3\t:\t1796019331.173\t     0.000\t0\t4\t0\t0\techo 'a\0b'\n";
const VALUES = ['a', 'b', 'c', 'd', 'e'];

function pool(cwd: string, ...args: readonly string[]) {
  return procsup(['pool', '-k', '-j1', '--joblog', 'log', ...args], { cwd });
}

const logOf = (cwd: string): string => readFileSync(join(cwd, 'log'), 'utf8');
const seqsOf = (log: string): string[] =>
  log
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split('\t')[0] ?? '');

describe('a log', () => {
  test('has a line for each job in the format of parallel', async () => {
    const cwd = scratch();
    const args = ['printf xy; test {} != b && kill -9 $$ || exit 3', ':::', 'a', 'b'];
    expect((await pool(cwd, ...args)).status).toBe(2);
    const lines = logOf(cwd).split('\n');
    const time = String.raw`\d{10}\.\d{3}\t {1,7}\d+\.\d{3}`;
    expect(lines[0]).toBe(HEADER.trimEnd());
    expect(lines[1]).toMatch(new RegExp(`^1\t:\t${time}\t0\t2\t0\t9\tprintf xy; test a != b`));
    expect(lines[2]).toMatch(new RegExp(`^2\t:\t${time}\t0\t2\t3\t0\tprintf xy; test b != b`));
    expect(lines.slice(3)).toEqual(['']);
  });

  test('a newline in a command is a NUL byte, so that a line is a job', async () => {
    const cwd = scratch();
    await pool(cwd, 'echo {}', ':::', 'a\nb');
    expect(logOf(cwd).split('\n')[1]).toMatch(/\techo 'a\0b'$/);
  });
});

describe('a log of parallel is resumed', () => {
  test.each([
    ['--resume', 'd\ne\n', ['1', '2', '3', '4', '5']],
    ['--resume-failed', 'b\nd\ne\n', ['1', '2', '3', '2', '4', '5']],
  ])('%s', async (option, stdout, seqs) => {
    const cwd = scratch({ log: OF_PARALLEL });
    expect(await pool(cwd, option, 'echo', ':::', ...VALUES)).toMatchObject({
      stdout,
      stderr: '',
      status: 0,
    });
    expect(logOf(cwd).startsWith(OF_PARALLEL)).toBe(true);
    expect(seqsOf(logOf(cwd))).toEqual(seqs);
    // All of them are done now.
    expect(await pool(cwd, option, 'echo', ':::', ...VALUES)).toMatchObject({ stdout: '', status: 0 });
  });

  test('a last line that kill -9 has cut is done again, and is not joined with the next one', async () => {
    const cut = OF_PARALLEL.slice(0, OF_PARALLEL.indexOf("\t4\t0\t0\techo 'a"));
    const cwd = scratch({ log: cut });
    expect((await pool(cwd, '--resume', 'echo', ':::', ...VALUES)).stdout).toBe('c\nd\ne\n');
    expect(logOf(cwd).startsWith(`${cut}\n3\t:\t`)).toBe(true);
    expect((await pool(cwd, '--resume', 'echo', ':::', ...VALUES)).stdout).toBe('');
  });

  test('without an option it is begun again, and +FILE adds to it', async () => {
    const cwd = scratch({ log: OF_PARALLEL });
    await procsup(['pool', '--joblog', '+log', 'echo', ':::', 'x'], { cwd });
    expect(seqsOf(logOf(cwd))).toEqual(['1', '2', '3', '1']);
    await pool(cwd, 'echo', ':::', 'x');
    expect(seqsOf(logOf(cwd))).toEqual(['1']);
  });
});

describe('what is wrong is told', () => {
  test('a file that is no log is left as it is, and nothing runs', async () => {
    const cwd = scratch({ log: 'my notes\n' });
    const { stdout, stderr, status } = await pool(cwd, 'echo', ':::', 'a');
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toContain("'log' is not a job log: line 1 has other contents");
    expect(logOf(cwd)).toBe('my notes\n');
  });

  test('all problems at once, and the log is left as it is', async () => {
    const cwd = scratch({ log: OF_PARALLEL });
    const { stderr, status } = await pool(cwd, 'echo', '::::', 'missing');
    expect(stderr).toContain("cannot read values from 'missing': no such file");
    expect(status).toBe(2);
    expect(logOf(cwd)).toBe(OF_PARALLEL);
    const other = await procsup(['pool', '--joblog', 'no/log', 'echo', '::::', 'missing'], { cwd });
    expect(other.stderr).toContain("cannot open the job log 'no/log': no such directory");
    expect(other.stderr).toContain('2 errors');
  });

  test('resume needs a log', async () => {
    const { stderr, status } = await procsup(['pool', '--resume', 'echo', ':::', 'a'], { cwd: scratch() });
    expect(stderr).toContain('cannot resume without a job log');
    expect(status).toBe(2);
  });

  test.runIf(existsSync('/dev/full'))(
    'a full disk: the jobs run, and those that are not logged are counted',
    async () => {
      const cwd = scratch();
      const { stdout, stderr, status } = await procsup(
        ['pool', '-k', '--joblog', '/dev/full', 'echo', ':::', 'a', 'b'],
        { cwd },
      );
      expect({ stdout, status }).toEqual({ stdout: 'a\nb\n', status: 125 });
      expect(stderr).toContain(
        "cannot write to the job log '/dev/full': no space left on device; trying again",
      );
      expect(stderr).toContain("2 jobs are missing in the job log '/dev/full'");
    },
  );
});

test('--dry-run leaves the log as it is', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'log'), OF_PARALLEL);
  expect((await pool(cwd, '--dry-run', 'echo', ':::', 'a b')).stdout).toBe("echo 'a b'\n");
  expect(logOf(cwd)).toBe(OF_PARALLEL);
});
