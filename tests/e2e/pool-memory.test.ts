/** A pool of many jobs keeps V8's space for new objects small: as large as it grows by itself, it is most of the memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launch, PROCSUP } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const PROBE = `process.on('exit', () => {
  const spaces = require('node:v8').getHeapSpaceStatistics();
  const { space_size } = spaces.find((space) => space.space_name === 'new_space');
  require('node:fs').writeFileSync('young', String(space_size));
});`;

test('the space for new objects does not grow with the number of jobs', async () => {
  const cwd = scratch({ 'probe.cjs': PROBE });
  const env = { NODE_OPTIONS: `--require=${join(cwd, 'probe.cjs')}` };
  const script = `seq 20000 | '${PROCSUP}' pool -j4 :`;
  expect((await launch('/bin/sh', ['-c', script], { cwd, env }).ended).status).toBe(0);
  expect(Number(readFileSync(join(cwd, 'young'), 'latin1'))).toBeLessThanOrEqual(4 * 1024 * 1024);
});
