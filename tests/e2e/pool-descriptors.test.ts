/** `procsup pool` with too few file descriptors: it says so, and leaves nothing. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { launch, PROCSUP } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

/** Node itself needs about 18, all shells of this pool about 60. */
test.each(Array.from({ length: 20 }, (_, at) => 19 + 2 * at))('with %i', async (limit) => {
  const [cwd, tmp] = [scratch(), scratch()];
  const script = `ulimit -n ${String(limit)} && exec '${PROCSUP}' pool -j4 'echo {}' ::: a b c d`;
  const env = { TMPDIR: tmp };
  const { stdout, stderr, status } = await launch('/bin/sh', ['-c', script], { cwd, env }).ended;
  // Node has not begun.
  if (stderr.startsWith('node:')) return;
  expect(stderr).not.toContain('internal error');
  expect(readdirSync(tmp)).toEqual([]);
  if (status === 0) expect(stdout.trim().split('\n').sort()).toEqual(['a', 'b', 'c', 'd']);
  else {
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toContain('ulimit -n');
  }
});
