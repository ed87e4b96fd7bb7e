import { describe, expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import {
  decideRestart,
  NO_RESTARTS,
  RESTART_DEFAULTS,
  type RestartHistory,
  type RestartPolicy,
} from '../../../src/core/process/restart-policy.ts';

const success: Exit = { by: 'code', code: 0 };
const failure: Exit = { by: 'code', code: 1 };
const killed: Exit = { by: 'signal', signal: 'SIGKILL' };
const refused: Exit = { by: 'refusal', error: 'EAGAIN', message: '' };

describe('who comes back', () => {
  test.each<[RestartPolicy['mode'], Exit, boolean]>([
    ['never', success, false],
    ['never', failure, false],
    ['never', refused, false],
    ['on-failure', success, false],
    ['on-failure', failure, true],
    ['on-failure', killed, true],
    ['on-failure', refused, true],
    ['always', success, true],
    ['always', failure, true],
    // Asked to end from outside, as systemd counts it.
    ...(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE'] as const).map(
      (signal): [RestartPolicy['mode'], Exit, boolean] => ['on-failure', { by: 'signal', signal }, false],
    ),
    ...[143, 130, 129].map((code): [RestartPolicy['mode'], Exit, boolean] => [
      'on-failure',
      { by: 'code', code },
      false,
    ]),
    ['on-failure', { by: 'signal', signal: 'SIGQUIT' }, true],
    ['on-failure', { by: 'signal', signal: 'SIGSEGV' }, true],
    ['on-failure', { by: 'code', code: 141 }, true],
    ['always', { by: 'signal', signal: 'SIGTERM' }, true],
  ])('%s, %j: %s', (mode, exit, restart) => {
    const ended = { exit, ranMs: 0, now: 0, random: 0 };
    const decision = decideRestart({ ...RESTART_DEFAULTS, mode }, NO_RESTARTS, ended);
    expect(decision).toMatchObject(restart ? { restart } : { restart, because: 'policy' });
  });
});

/** The delays of runs that end `ranMs` after each start, until it gives up or 20 have passed. */
function delaysOf(some: Partial<RestartPolicy>, ranMs: number, random = 0): readonly (number | 'gave-up')[] {
  const policy: RestartPolicy = { ...RESTART_DEFAULTS, mode: 'always', ...some };
  const delays: (number | 'gave-up')[] = [];
  let history: RestartHistory = NO_RESTARTS;
  for (let now = ranMs; delays.length < 20;) {
    const decision = decideRestart(policy, history, { exit: failure, ranMs, now, random });
    if (!decision.restart) return [...delays, 'gave-up'];
    delays.push(decision.delayMs);
    history = decision.history;
    now += decision.delayMs + ranMs;
  }
  return delays;
}

describe('delays', () => {
  test('double, and after five restarts it gives up', () => {
    expect(delaysOf({}, 0)).toEqual([500, 1000, 2000, 4000, 8000, 'gave-up']);
  });

  test('are bounded', () => {
    const patient = { giveUp: { restarts: 100, withinMs: 60_000 } };
    expect(delaysOf(patient, 0).slice(5, 9)).toEqual([16_000, 27_000, 27_000, 27_000]);
    expect(delaysOf(patient, 0, 0.999_999).slice(5, 9)).toEqual([17_600, 30_000, 30_000, 30_000]);
  });

  test('of the longest kind are not made longer by chance', () => {
    const DAYS = 24 * 3_600_000;
    const longest = { delayMs: 24 * DAYS, maxDelayMs: 24 * DAYS };
    expect(delaysOf(longest, 0, 1 - Number.EPSILON)[0]).toBe(24 * DAYS);
    expect(delaysOf(longest, 0, 0)[0]).toBe(1_866_240_000);
  });

  test('have up to a tenth of chance in them', () => {
    expect(delaysOf({}, 0, 0.999_999)).toEqual([550, 1100, 2200, 4400, 8800, 'gave-up']);
  });

  test('of nothing stay nothing', () => {
    expect(delaysOf({ delayMs: 0 }, 0, 0.5)).toEqual([0, 0, 0, 0, 0, 'gave-up']);
  });

  test.each([
    [0, 0],
    [1, 28_500],
  ])('of %i ms are %i ms after any number of restarts', (delayMs, expected) => {
    const policy: RestartPolicy = { ...RESTART_DEFAULTS, mode: 'always', delayMs };
    const ended = { exit: failure, ranMs: 20_000, now: 0, random: 0.5 };
    const decision = decideRestart(policy, { streak: 5000, times: [] }, ended);
    expect(decision).toMatchObject({ restart: true, delayMs: expected });
  });

  test('begin anew after a time of health, and never become nothing', () => {
    expect(delaysOf({}, 30_000)).toEqual(Array.from({ length: 20 }, () => 500));
    expect(delaysOf({}, 29_999).slice(0, 3)).toEqual([500, 1000, 2000]);
  });
});

test('giving up counts the restarts of the last minute only', () => {
  const policy: RestartPolicy = { ...RESTART_DEFAULTS, mode: 'always' };
  const history = { streak: 5, times: [0, 10, 20, 30, 40] };
  const at = (now: number) => decideRestart(policy, history, { exit: failure, ranMs: 0, now, random: 0 });
  expect(at(59_999)).toEqual({ restart: false, because: 'gave-up' });
  expect(at(60_000)).toMatchObject({
    restart: true,
    history: { streak: 6, times: [10, 20, 30, 40, 60_000] },
  });
});

test.each([
  [{ by: 'code', code: 3 }, true],
  [{ by: 'code', code: 3, success: true }, false],
  [{ by: 'signal', signal: 'SIGKILL', success: true }, false],
] as const)('after %j on-failure restarts: %s', (exit, restarts) => {
  const policy: RestartPolicy = { ...RESTART_DEFAULTS, mode: 'on-failure' };
  const ended = { exit, ranMs: 0, now: 0, random: 0 };
  expect(decideRestart(policy, { streak: 0, times: [] }, ended).restart).toBe(restarts);
});
