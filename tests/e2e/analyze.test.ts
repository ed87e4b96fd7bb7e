/** `procsup analyze`, of the example in the documentation: what waited for what, whatever the times are. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { StartReport } from '../../src/core/start-report.ts';
import { project } from '../helpers/daemon.ts';
import { PUPPET } from '../helpers/puppets.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/readiness.md'), 'utf8');
const [, example = ''] = /## What a start waits for[^]*?```yaml\n([^]*?)```/.exec(page) ?? [];

test('the last start is told as the chain that decided it, while it goes on and when it is over', async () => {
  const names = [...example.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
  const app = project(names.map((name) => `${name}: ${PUPPET}`).join('\n'), {
    files: { 'procsup.yaml': example.replaceAll(/command: \.\/\w+, /g, '') },
    env: { PROCSUP_WAIT: 'ready', LC_ALL: 'C.UTF-8' },
  });
  const starting = app.begin('start', '-d');
  const db = await app.puppet('db.1');
  const cache = await app.puppet('cache.1');
  await cache.print('accepting connections\n');
  await app.run('wait', 'cache', '--for', 'ready');
  const early = await app.json<StartReport>('analyze', '--json');
  expect(early).toMatchObject({ verb: 'start', took: null, chain: ['db.1', 'migrate.1', 'web.1'] });

  await db.print('accepting connections\n');
  (await app.puppet('migrate.1')).exit(0);
  await (await app.puppet('web.1')).print('listening\n');
  expect(await starting.ended).toMatchObject({ status: 0 });

  const start = await app.json<StartReport>('analyze', '--json');
  expect(start.chain).toEqual(['db.1', 'migrate.1', 'web.1']);
  expect(start.instances.map(({ name, state, after }) => [name, state, after?.name])).toEqual([
    ['db.1', 'ready', undefined],
    ['migrate.1', 'succeeded', 'db.1'],
    ['web.1', 'ready', 'migrate.1'],
    ['cache.1', 'ready', undefined],
  ]);
  // Each is told to the millisecond.
  const onChain = start.instances.filter(({ critical }) => critical);
  const sum = onChain.reduce((all, { took }) => all + Math.round((took ?? NaN) * 1000), 0);
  expect(sum).toBe(Math.round((start.took ?? NaN) * 1000));

  const { stdout } = await app.run('analyze');
  expect(stdout).toMatch(/^critical chain \(\*\): db\.1 \S+, migrate\.1 \S+, web\.1 \S+$/m);
  expect(stdout).toMatch(/^\* {3}└ web\.1 +ready .*█$/m);

  const only = await app.json<StartReport>('analyze', '--json', 'cache');
  expect(only.chain).toEqual(['cache.1']);

  await app.run('down');
  expect(await app.run('analyze')).toMatchObject({ status: 3, stdout: '' });
});
