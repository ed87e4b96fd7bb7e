/** Options of GNU parallel that `procsup pool` has in its own way, or does not have: then it says what to do instead. */
import { getPriority } from 'node:os';
import { describe, expect, test } from 'vitest';
import { procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const pool = (args: readonly string[], cwd = scratch()) => procsup(['pool', ...args], { cwd });

test.each(['-t', '--verbose'])(
  '%s prints each command line to stderr, each time it is run',
  async (option) => {
    const args = ['-j1', option, '--retries', '2', 'echo {}; [ {} = 1 ]', ':::', '1', 'a b'];
    const { stdout, stderr } = await pool(args);
    const [first, second] = ['echo 1; [ 1 = 1 ]', "echo 'a b'; [ 'a b' = 1 ]"];
    expect(stderr).toBe(`${first}\n${second}\n${second}\n`);
    expect(stdout).toBe('1\na b\n');
  },
);

test.each(['--eta', '--progress', '--bar', '--will-cite'])(
  '%s changes nothing without a terminal',
  async (option) => {
    expect(await pool([option, 'echo', ':::', 'a'])).toMatchObject({ stdout: 'a\n', stderr: '', status: 0 });
  },
);

test.each(['--wd', '--workdir', '--root'])('%s is the directory of the jobs', async (option) => {
  const cwd = scratch({ 'sub/x': 'found\n' });
  expect((await pool([option, 'sub', 'cat', ':::', 'x'], cwd)).stdout).toBe('found\n');
});

describe('--nice', () => {
  test('jobs run at this niceness, and procsup at its own', async () => {
    const own = getPriority();
    const nicer = String(Math.min(19, own + 3));
    const { stdout } = await pool(['-j1', '--nice', nicer, 'nice; : {}', ':::', 'a', 'b']);
    expect(stdout).toBe(`${nicer}\n${nicer}\n`);
    const worker = await pool([
      '-j1',
      '--nice',
      nicer,
      '--worker',
      'while read x; do nice; done',
      ':::',
      'a',
    ]);
    expect(worker.stdout).toBe(`${nicer}\n`);
  });

  test.each(['x', '20', '-21', '', '1.5'])("'%s' is refused", async (text) => {
    expect(await pool(['--nice', text, 'echo', ':::', 'a'])).toMatchObject({ stdout: '', status: 2 });
  });
});

describe('what is not there is refused, with what to do instead', () => {
  test.each([
    ['-L2', "use '-n COUNT' for several lines in a job"],
    ['-s30', "use '-n COUNT' to limit the values of a job"],
    ['--tmpdir=/tmp', "set the variable TMPDIR, as in 'TMPDIR=DIR procsup pool ...'"],
    ['-v', "use '-t' to print each command line to stderr"],
    ['-Shost', 'procsup runs jobs on this machine only'],
    ['--pipe', 'jobs have no stdin; name the parts of the input as values'],
    ['--header=:', "change the input: as in 'shuf FILE | procsup pool ...'"],
    ['--wd={}', "change it in the command: 'cd {} && COMMAND'"],
    ['--wd=...', "change it in the command: 'cd {} && COMMAND'"],
  ])('%s', async (option, remedy) => {
    const { stdout, stderr, status } = await pool([option, 'echo', ':::', 'a']);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toContain(remedy);
  });
});
