/** Processes that leave their session, or their parents, with real programs (Linux). */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { start, startWith } from '../helpers/start.ts';
import { daemonized, UNMARKED } from '../helpers/unmarked.ts';

const canUnshare = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;
const hasKoffi = existsSync(resolve(import.meta.dirname, '../../node_modules/koffi'));

describe.runIf(process.platform === 'linux')('a daemon that has lost its environment', () => {
  for (const [how, script, isHere] of UNMARKED) {
    test.runIf(isHere)(
      `is told, and stopped before its successor starts and at the end: ${how}`,
      async () => {
        const policy = ['--restart', 'always', '--restart-delay', '300ms', '-t', '1h'];
        const app = start(`a: ${daemonized(script)}`, ...policy);
        const pids = () => [...app.stdout.matchAll(/up (\d+)/g)].map(([, pid]) => Number(pid));
        await until(() => pids().length > 1, 'there is a successor');
        await until(() => !isAlive(pids()[0] ?? 0), 'the first one has ended');
        app.kill('SIGTERM');
        expect((await app.ended).status).toBe(0);
        expect(pids().filter(isAlive)).toEqual([]);
        expect(app.stdout).toMatch(/a\.1 made itself a daemon \(\w+, pid \d+\)/);
      },
    );
  }
});

describe.runIf(canUnshare && hasKoffi)('as process 1', () => {
  const orphans = 'for i in 1 2 3 4; do (sleep 0.1 & exec true); done';
  const watch = `until ! grep -qs ') Z ' /proc/[0-9]*/stat; do sleep 0.1; done; echo clean`;
  const through = 'exec unshare -pf --mount-proc --kill-child "$@"';

  test.each([
    ['start', { files: { Procfile: `a: ${orphans}; sleep 0.5; ${watch}\n` }, args: ['start'] }],
    ['run', { args: ['run', 'sh', '-c', `${orphans}; sleep 0.5; ${watch}`] }],
    ['pipe', { args: ['pipe', 'sh', '-c', `${orphans}; sleep 0.5; ${watch}`] }],
  ])('%s reaps orphans', async (_verb, options) => {
    const app = startWith({ ...options, through });
    await app.says('clean');
    expect((await app.ended).status).toBe(0);
  });
});
