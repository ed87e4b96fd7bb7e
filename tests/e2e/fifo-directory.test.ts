/** Programs that tidy up /tmp remove the directory of the FIFOs while a daemon runs. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';

test('what was started can be restarted, started and scaled after the directory of its pipes was removed', async () => {
  const app = project('web: echo started; exec sleep infinity\nother: exec sleep infinity');
  await app.up();
  const temporary = join(app.root, 'tmp');
  const [directory = expect.fail('no directory')] = readdirSync(temporary);
  rmSync(join(temporary, directory), { recursive: true });
  expect(await app.run('restart', 'web')).toMatchObject({ status: 0, stderr: '' });
  expect(await app.run('scale', 'other=30')).toMatchObject({ status: 0, stderr: '' });
  expect(await app.run('stop', 'web')).toMatchObject({ status: 0 });
  expect(await app.run('start', 'web')).toMatchObject({ status: 0, stderr: '' });
  expect((await app.run('logs', '--no-prefix', 'web')).stdout.match(/started/g)).toHaveLength(3);
  expect((await app.ps()).filter(({ state }) => state !== 'running')).toEqual([]);
  expect(readdirSync(temporary)).toEqual([directory]);
});
