import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { withKernelLimits } from '../../../src/core/limits/kernel.ts';
import type { KernelLimits } from '../../../src/core/limits/limits.ts';

const run = (limits: KernelLimits, script: string) =>
  spawnSync('/bin/sh', ['-c', withKernelLimits(limits, script, ['/bin/sh'])], { encoding: 'utf8' });

test('without limits the script is as it was', () => {
  expect(withKernelLimits({}, 'exec a "b"', ['/bin/sh'])).toBe('exec a "b"');
});

describe('a program finds its limits', () => {
  const cases: readonly (readonly [limits: KernelLimits, script: string, stdout: string])[] = [
    [{ nofile: 100 }, 'ulimit -n; ulimit -Hn', '100\n100\n'],
    [{ core: 0 }, 'ulimit -c', '0\n'],
    [{ core: 513 }, 'ulimit -c', '2\n'],
    [{ nproc: 5000 }, 'ulimit -u 2>/dev/null || ulimit -p', '5000\n'],
    [{ priority: 7 }, 'exec nice', '7\n'],
    [{ priority: 3, nofile: 99 }, `echo "it's $(nice) $(ulimit -n)"`, "it's 3 99\n"],
  ];
  test.each(cases)('%j', (limits, script, stdout) => {
    expect(run(limits, script)).toMatchObject({ stdout, stderr: '', status: 0 });
  });
});

test('one that cannot be set is told with the hard limit, and the program does not begin', () => {
  const { status, stdout, stderr } = spawnSync(
    '/bin/sh',
    ['-c', `ulimit -n 50; ${withKernelLimits({ nofile: 2_000_000_000 }, 'echo begun', ['/bin/sh'])}`],
    { encoding: 'utf8' },
  );
  expect({ status, stdout }).toEqual({ status: 126, stdout: '' });
  expect(stderr).toMatch(/^procsup: cannot set nofile to 2000000000; the hard limit is \d+\n$/);
});
