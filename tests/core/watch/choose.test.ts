import { describe, expect, test } from 'vitest';
import { newMember, type Member } from '../../../src/core/fleet/member.ts';
import type { WatchAction } from '../../../src/core/plan/process-plan.ts';
import { NEW_PROCESS, type Phase } from '../../../src/core/process/state.ts';
import { awaitsChange, meantBy } from '../../../src/core/watch/choose.ts';

const exit = { by: 'code', code: 1 } as const;
const PHASES: Readonly<Record<string, Phase>> = {
  idle: { name: 'idle' },
  starting: { name: 'starting' },
  running: { name: 'running', pid: 1, since: 0, ready: true },
  stopping: { name: 'stopping', pid: 1, since: 0, rung: 0 } as unknown as Phase,
  backoff: { name: 'backoff', exit },
  exited: { name: 'exited', exit },
  failed: { name: 'failed', why: 'gave-up', exit },
};
const member = (phase: string, goal: Member['goal'] = 'up'): Member => ({
  ...newMember({ run: 0, timer: 0 }),
  goal,
  process: { ...NEW_PROCESS, phase: PHASES[phase] ?? { name: 'idle' } },
});
const RESTART: WatchAction = { kind: 'restart' };
const HUP: WatchAction = { kind: 'signal', signal: 'SIGHUP' };

test.each(Object.keys(PHASES))('a stopped process is not started by a save: %s', (phase) => {
  expect(meantBy(RESTART, member(phase, 'down'))).toBe(false);
  expect(meantBy(HUP, member(phase, 'down'))).toBe(false);
});

test.each([
  ['running', true],
  ['starting', true],
  ['backoff', true],
  ['exited', true],
  ['failed', true],
  ['idle', false],
  ['stopping', false],
])('a process that is %s: a restart is for it: %s', (phase, is) => {
  expect(meantBy(RESTART, member(phase))).toBe(is);
});

test('a signal or command is for those that run', () => {
  expect(Object.keys(PHASES).filter((phase) => meantBy(HUP, member(phase)))).toEqual(['running']);
});

test('one that is being taken away, or is not there, is left alone', () => {
  expect(meantBy(RESTART, { ...member('running'), departing: true })).toBe(false);
  expect(meantBy(RESTART, undefined)).toBe(false);
});

describe('what waits for a change', () => {
  test('is what has ended by itself, and would be restarted', () => {
    expect(Object.keys(PHASES).filter((phase) => awaitsChange(RESTART, member(phase)))).toEqual([
      'exited',
      'failed',
    ]);
    expect(awaitsChange(HUP, member('exited'))).toBe(false);
    expect(awaitsChange(RESTART, member('exited', 'down'))).toBe(false);
  });
});
