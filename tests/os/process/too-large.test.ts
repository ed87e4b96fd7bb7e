import { describe, expect, test } from 'vitest';
import { decideRestart, NO_RESTARTS, RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import type { Exit } from '../../../src/core/process/exit.ts';
import { createLauncher } from '../../../src/os/process/spawn.ts';
import { tooLargeText, whyTooLarge } from '../../../src/os/process/too-large.ts';

const HUGE = { PATH: '/bin', HUGE: 'x'.repeat(200_000), OTHER: 'y'.repeat(1000) };

const refusal = (env: Readonly<Record<string, string>>): Promise<Exit> =>
  new Promise((resolve, reject) => {
    createLauncher({ pipes: null, prelude: '' }).launch(
      { runId: 'M:a.1:1:', script: 'exec true', root: '/', env },
      { refused: resolve, spawned: () => undefined, exited: () => reject(new Error('it was started')) },
    );
  });

describe.runIf(process.platform === 'linux')('an environment that no program can be given', () => {
  test('is refused with the name and the size of the variable, and the process is not restarted', async () => {
    const exit = await refusal(HUGE);
    expect(exit).toEqual({
      by: 'refusal',
      error: 'E2BIG',
      message: "the environment variable 'HUGE' is too large (200006 bytes; the limit is 131072)",
    });
    const policy = { ...RESTART_DEFAULTS, mode: 'always' as const };
    const decided = decideRestart(policy, NO_RESTARTS, { exit, ranMs: 0, now: 0, random: 0 });
    expect(decided).toEqual({ restart: false, because: 'policy' });
  });

  test('may be too large in all', async () => {
    const env = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`V${at}`, 'x'.repeat(100_000)]));
    const largest = { ...env, LARGEST: 'x'.repeat(100_001) };
    expect(await refusal(largest)).toMatchObject({ error: 'E2BIG', message: tooLargeText(largest) });
    expect(whyTooLarge(largest)).toMatch(/the largest variable is 'LARGEST' with 100010 bytes/);
  });

  test('is told from one that can be', async () => {
    const env = { LARGEST: 'x'.repeat(131_072 - 'LARGEST='.length - 1) };
    expect(whyTooLarge(env)).toBeUndefined();
    await expect(refusal(env)).rejects.toThrow('it was started');
  });
});
