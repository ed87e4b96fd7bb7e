/** Whom an action is for: a stopped process is not started by a save, one that has ended by itself is. */
import type { Member } from '../fleet/member.ts';
import type { WatchAction } from '../plan/process-plan.ts';

export function meantBy(action: WatchAction, member: Member | undefined): boolean {
  if (member === undefined || member.departing || member.goal !== 'up') return false;
  const { name } = member.process.phase;
  if (action.kind !== 'restart') return name === 'running';
  // A run that has not begun yet finds the files as they are.
  return !BEFORE_A_RUN.includes(name);
}

const BEFORE_A_RUN: readonly string[] = ['idle', 'stopping', 'clearing', 'ending'];

/** It has ended by itself, and nothing but a change brings it back. */
export const awaitsChange = (action: WatchAction, { goal, departing, process }: Member): boolean =>
  action.kind === 'restart' &&
  goal === 'up' &&
  !departing &&
  (process.phase.name === 'exited' || process.phase.name === 'failed');
