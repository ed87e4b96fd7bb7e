/** `procsup pool --json`: each job that was read from the input has one line. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PoolRecord } from '../../src/ui/pool-json.ts';
import { until } from '../helpers/eventually.ts';
import { launch, PROCSUP, procsup, type Ended } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const pool = (args: readonly string[], cwd = scratch()) => procsup(['pool', '--json', ...args], { cwd });

const recordsOf = ({ stdout }: Ended): readonly PoolRecord[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as PoolRecord)
    .sort((a, b) => a.seq - b.seq);

test('what was run, how it ended, and what it wrote', async () => {
  const before = Date.now();
  const ended = await pool(['-j1', 'echo {}; echo {1} >&2; kill -9 $$', ':::', 'a b']);
  expect([ended.status, ended.stderr]).toEqual([1, '']);
  const [record] = recordsOf(ended);
  expect(record).toMatchObject({
    ...{ seq: 1, values: ['a b'], outcome: 'failed', exit: { signal: 'SIGKILL' }, attempts: 1, slot: 1 },
    ...{ stdout: 'a b\n', stderr: 'a b\n', command: "echo 'a b'; echo 'a b' >&2; kill -9 $$" },
  });
  expect(Date.parse(record?.start ?? '')).toBeGreaterThanOrEqual(before - 1);
  expect(record?.durationMs).toBeGreaterThanOrEqual(0);
});

test('with -k in the order of the values', async () => {
  const { stdout } = await pool(['-k', '-j3', 'sleep 0.{}', ':::', '3', '2', '1']);
  const lines = stdout.split('\n').slice(0, -1);
  expect(lines.map((line) => (JSON.parse(line) as PoolRecord).values)).toEqual([['3'], ['2'], ['1']]);
});

test('retries, the last of which counts', async () => {
  const command = ': {}; echo x >> tries; wc -l < tries; [ $(wc -l < tries) -ge 3 ]';
  const [record] = recordsOf(await pool(['--retries', '5', command, ':::', '1']));
  expect(record).toMatchObject({ attempts: 3, outcome: 'succeeded', exit: { code: 0 } });
  expect(record?.stdout?.trim()).toBe('3');
});

test('a timeout', async () => {
  const [record] = recordsOf(await pool(['--timeout', '50ms', 'echo before; sleep 60', ':::', '1']));
  expect(record).toMatchObject({ outcome: 'timed-out', exit: { signal: 'SIGTERM' } });
});

describe('--halt', () => {
  test('now: what was stopped, and what was not run', async () => {
    const cwd = scratch();
    const command =
      'echo {}; [ {} = 1 ] || { : > there; while :; do sleep 1; done; }; while [ ! -e there ]; do sleep 0.01; done; exit 9';
    const ended = await pool(['-j2', '--halt', 'now,fail=1', command, ':::', '1', '2', '3', '4'], cwd);
    expect(ended.status).toBe(9);
    const records = recordsOf(ended);
    expect(records.map(({ seq, outcome }) => [seq, outcome])).toEqual([
      ...[
        [1, 'failed'],
        [2, 'stopped'],
        [3, 'not-run'],
        [4, 'not-run'],
      ],
    ]);
    expect(records[1]).toEqual({ seq: 2, values: ['2'], outcome: 'stopped', exit: null });
  });

  test('soon: those that run go on', async () => {
    const ended = await pool(['-j1', '--halt', 'soon,fail=1', 'exit {}', ':::', '0', '4', '0']);
    expect(recordsOf(ended).map(({ outcome }) => outcome)).toEqual(['succeeded', 'failed', 'not-run']);
    expect(ended.status).toBe(4);
  });
});

test('SIGTERM: what was stopped is told', async () => {
  const cwd = scratch();
  const args = ['pool', '--json', '-j1', ': > there; sleep 1000', ':::', '1', '2'];
  const { child, ended } = launch(PROCSUP, args, { cwd });
  await until(() => existsSync(join(cwd, 'there')), 'it runs');
  child.kill('SIGTERM');
  expect(recordsOf(await ended).map(({ outcome }) => outcome)).toEqual(['stopped', 'not-run']);
});

test('output that memory has no room for, with results', async () => {
  const cwd = scratch();
  const ended = await pool(['--results', 'out', ": {}; yes '\"' | head -c 20000000", ':::', 'a'], cwd);
  // Not shown when it differs: it is 20 MB.
  expect(recordsOf(ended)[0]?.stdout === '"\n'.repeat(10_000_000)).toBe(true);
  expect(existsSync(join(cwd, 'out', '1', 'a', 'stdout'))).toBe(true);
});

test('answers of workers', async () => {
  const [record] = recordsOf(await pool(['-j1', '--worker', 'cat', ':::', 'a']));
  expect(record).toMatchObject({ values: ['a'], stdout: 'a\n', outcome: 'succeeded' });
});

test.each([['-u'], ['--line-buffer'], ['--tag'], ['--tagstring=x'], ['--dry-run']])(
  '%s is refused',
  async (option) => {
    const { status, stderr } = await pool([option, 'echo', ':::', 'a']);
    expect(status).toBe(2);
    expect(stderr).toContain("conflicting options '--json' and '--");
  },
);
