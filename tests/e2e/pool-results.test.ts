/** `procsup pool --results`: the files of GNU parallel 20221122, whole or not there, and nothing is lost silently. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { launch, PROCSUP, procsup } from '../helpers/procsup.ts';
import { until } from '../helpers/eventually.ts';
import { scratch } from '../helpers/scratch.ts';

const pool = (cwd: string, ...args: readonly string[]) => procsup(['pool', ...args], { cwd });

/** The files below a directory with their contents. */
function filesIn(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      found[path.slice(directory.length + 1)] = readFileSync(path, 'latin1');
    }
  return found;
}

const COMMAND = 'printf "o{}\\np"; echo e{} >&2; exit {}';

describe('what is kept', () => {
  test.each([[[]], [['-k']], [['--tag']], [['--line-buffer']], [['-k', '--line-buffer', '--tag', '-j1']]])(
    'with %j the output is in files, as it was written, and not printed',
    async (options) => {
      const cwd = scratch();
      const { stdout, stderr, status } = await pool(
        cwd,
        ...options,
        '--results',
        'out',
        COMMAND,
        ':::',
        '0',
        '3',
      );
      expect([stdout, stderr, status]).toEqual(['', '', 1]);
      expect(filesIn(join(cwd, 'out'))).toEqual({
        ...{ '1/0/seq': '1', '1/0/stdout': 'o0\np', '1/0/stderr': 'e0\n' },
        ...{ '1/3/seq': '2', '1/3/stdout': 'o3\np', '1/3/stderr': 'e3\n' },
      });
    },
  );

  test('values that are no file names, and several inputs', async () => {
    const cwd = scratch();
    await pool(cwd, '--results', 'out', 'echo', ':::', '../x', '', '..', ':::', 'y');
    const names = Object.keys(filesIn(join(cwd, 'out'))).filter((name) => name.endsWith('stdout'));
    expect(names.sort()).toEqual([
      String.raw`1/..\_x/2/y/stdout`,
      String.raw`1/\.\./2/y/stdout`,
      String.raw`1/\e/2/y/stdout`,
    ]);
    expect(readdirSync(cwd)).toEqual(['out']);
  });

  test.each([
    ['out/{1}-{#}', ['out/a-1', 'out/a-1.err', 'out/a-1.seq', 'out/b-2', 'out/b-2.err', 'out/b-2.seq']],
    ['{}/', ['a/seq', 'a/stderr', 'a/stdout', 'b/seq', 'b/stderr', 'b/stdout']],
  ])('replacement strings name a file or a directory: %s', async (name, files) => {
    const cwd = scratch();
    await pool(cwd, '--results', name, 'echo', ':::', 'a', 'b');
    expect(Object.keys(filesIn(cwd)).sort()).toEqual(files);
  });

  test('output that memory has no room for is whole', async () => {
    const cwd = scratch();
    await pool(cwd, '-j2', '--results', 'out', 'head -c 20000000 /dev/zero; echo {}', ':::', 'a', 'b');
    for (const value of ['a', 'b']) {
      const bytes = readFileSync(join(cwd, 'out', '1', value, 'stdout'));
      expect([bytes.length, bytes.toString('latin1', bytes.length - 2)]).toEqual([20_000_002, `${value}\n`]);
    }
  });

  test('only the last attempt, and the answers of workers', async () => {
    const cwd = scratch();
    const command = ': {}; echo x >> tries; echo try $(wc -l < tries); [ $(wc -l < tries) -ge 3 ]';
    await pool(cwd, '--retries', '5', '--results', 'out', command, ':::', '1');
    expect(filesIn(join(cwd, 'out'))['1/1/stdout']).toBe('try 3\n');
    await pool(cwd, '-j1', '--worker', 'cat', '--results', 'answers', ':::', 'a');
    expect(filesIn(join(cwd, 'answers'))['1/a/stdout']).toBe('a\n');
  });
});

describe('--resume', () => {
  test('leaves out what has results, without a job log', async () => {
    const cwd = scratch();
    await pool(cwd, '--results', 'out', 'echo', ':::', 'a', 'b');
    const again = ['--resume', '--results', 'out', 'echo {} >> ran; echo {}', ':::', 'a', 'b', 'c'];
    expect((await pool(cwd, ...again)).status).toBe(0);
    expect(readFileSync(join(cwd, 'ran'), 'latin1')).toBe('c\n');
    expect(filesIn(join(cwd, 'out'))['1/c/stdout']).toBe('c\n');
  });

  test('a job that kill -9 of procsup has cut has no results', async () => {
    const cwd = scratch();
    const command = 'echo {}; echo {} >> ran; [ {} = 1 ] || while [ ! -e go ]; do sleep 0.01; done';
    const args = ['pool', '-j1', '--resume', '--results', 'out', command, ':::', '1', '2'];
    const { child, ended } = launch(PROCSUP, args, { cwd });
    await until(() => existsSync(join(cwd, 'ran')) && readFileSync(join(cwd, 'ran')).length === 4, 'job 2');
    child.kill('SIGKILL');
    await ended;
    expect(Object.keys(filesIn(join(cwd, 'out'))).sort()).toEqual(['1/1/seq', '1/1/stderr', '1/1/stdout']);
    const resumed = scratch({ go: '' });
    expect(
      (await pool(cwd, ...args.slice(1, -4), command.replace('go', join(resumed, 'go')), ':::', '1', '2'))
        .status,
    ).toBe(0);
    expect(readFileSync(join(cwd, 'ran'), 'latin1')).toBe('1\n2\n2\n');
  });

  test('of failed jobs needs a job log', async () => {
    const { stderr, status } = await pool(
      scratch(),
      '--resume-failed',
      '--results',
      'out',
      'echo',
      ':::',
      'a',
    );
    expect(status).toBe(2);
    expect(stderr).toContain('cannot resume without a job log');
  });
});

describe('what cannot be kept is told', () => {
  test.runIf(existsSync('/dev/full'))(
    'a full disk ends the pool, and what was not kept is run again',
    async () => {
      const cwd = scratch();
      const place = join(cwd, 'out', '1', 'b');
      mkdirSync(place, { recursive: true });
      symlinkSync('/dev/full', join(place, 'stdout.unfinished'));
      const args = ['-j1', '--joblog', 'log', '--resume', '--results', 'out', 'echo', ':::', 'a', 'b', 'c'];
      const { stdout, stderr, status } = await pool(cwd, ...args);
      expect([stdout, status]).toEqual(['', 255]);
      expect(stderr.split('\n')).toEqual([
        "procsup: cannot keep the output of job 2 in 'out': no space left on device",
        'procsup: stopped early: 2 jobs done (0 failed), 1 not done',
        '',
      ]);
      // The next job had begun, and could be kept.
      expect(readdirSync(join(cwd, 'out', '1', 'b'))).toEqual([]);
      expect(filesIn(join(cwd, 'out'))['1/c/stdout']).toBe('c\n');
      expect((await pool(cwd, ...args)).status).toBe(0);
      expect(filesIn(join(cwd, 'out'))).toMatchObject({
        '1/a/stdout': 'a\n',
        '1/b/stdout': 'b\n',
        '1/c/stdout': 'c\n',
      });
      const seqs = readFileSync(join(cwd, 'log'), 'latin1')
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split('\t')[0]);
      expect(seqs.sort()).toEqual(['1', '2', '3']);
    },
  );

  test.each([
    [['-u', '--results', 'out'], 'cannot keep the output of ungrouped jobs'],
    [['--results', 'out.csv'], "'--results' writes no .csv files"],
    [['--results', 'out/{%}'], "'--resume' looks for them before a job has a slot"],
  ])('%j is refused', async (options, message) => {
    const { stderr, status } = await pool(scratch(), ...options, 'echo', ':::', 'a');
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a place that is no directory', async () => {
    const { stderr, status } = await pool(scratch({ out: '' }), '--results', 'out', 'echo', ':::', 'a');
    expect([stderr.split('\n')[0], status]).toEqual([
      "procsup: cannot keep the output of job 1 in 'out': a part of the path is not a directory",
      255,
    ]);
  });
});
