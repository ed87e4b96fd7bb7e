import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statusOf, type Exit } from '../../../src/core/process/exit.ts';
import { scriptFor } from '../../../src/core/shell/command.ts';
import { decideRestart, NO_RESTARTS, RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { createLauncher } from '../../../src/os/process/spawn.ts';
import { inTime } from '../../helpers/eventually.ts';
import { scratch } from '../../helpers/scratch.ts';

function exitOf(command: string, root: string): Promise<Exit> {
  const exit = new Promise<Exit>((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '' };
    createLauncher({ pipes: null, prelude: '' }).launch(
      { runId: 'M:a.1:1:', script: `${scriptFor(command)} 2>/dev/null`, root, env },
      { refused: resolve, spawned: () => undefined, exited: resolve },
    );
  });
  return inTime(exit, command);
}

const isRestarted = (exit: Exit): boolean =>
  decideRestart({ ...RESTART_DEFAULTS, mode: 'always' }, NO_RESTARTS, { exit, ranMs: 1, now: 0, random: 0 })
    .restart;

test.each([
  ['./dir', 'is a directory'],
  ['./plain x', 'not executable'],
  ['./script', "interpreter '/no/such/interpreter' not found"],
])('%s can never work: it is told why, and is not restarted', async (command, why) => {
  const root = scratch({ plain: '', script: '#!/no/such/interpreter\n' });
  mkdirSync(join(root, 'dir'));
  const exit = await exitOf(command, root);
  const program = command.split(' ')[0] ?? '';
  expect(exit).toMatchObject({ by: 'refusal', message: `cannot run '${program}': ${why}` });
  expect([126, 127]).toContain(statusOf(exit));
  expect(isRestarted(exit)).toBe(false);
});

test.each([
  ['./missing', 127],
  ['sh -c "exit 126"', 126],
  ['cd / && ./missing', 127],
])('%s is an exit like others, with status %i', async (command, code) => {
  const exit = await exitOf(command, scratch());
  expect(exit).toEqual({ by: 'code', code });
  expect(isRestarted(exit)).toBe(true);
});
