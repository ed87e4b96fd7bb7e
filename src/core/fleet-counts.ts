/** Counts that spare a look at every member. Each is a sum over members, so that a change of one is a difference. */
import { isFailure } from './exit.ts';
import type { MemberSpec, Need } from './fleet-spec.ts';
import type { Member } from './member.ts';
import { isAlive, isDown } from './process-state.ts';

/** Of all members. */
export interface Totals {
  readonly members: number;
  readonly notDown: number;
  /** They were to be up, and have ended for good. */
  readonly ended: number;
  /** They were never started. Who was stopped on request is not among them: it can be started again. */
  readonly unused: number;
  readonly departing: number;
}

/** Of one process that others need. */
export interface Tally {
  /** Without those that depart. */
  readonly instances: number;
  /** Of these instances. */
  readonly running: number;
  readonly ready: number;
  readonly succeeded: number;
  /** Ended for good, and those of them that failed. */
  readonly over: number;
  readonly broken: number;
  /** Needs that wait for its success. */
  readonly tasks: number;
  /** Other needs, of members that live; and of those that are to live on. */
  readonly live: number;
  readonly liveAndUp: number;
}

export const NO_TOTALS: Totals = { members: 0, notDown: 0, ended: 0, unused: 0, departing: 0 };

export const NO_TALLY: Tally = {
  ...{ instances: 0, running: 0, ready: 0, succeeded: 0, over: 0, broken: 0 },
  ...{ tasks: 0, live: 0, liveAndUp: 0 },
};

/** `sign`: 1 to count it, -1 to take it out again. */
export type Sign = 1 | -1;

export function withMember(totals: Totals, member: Member, sign: Sign): Totals {
  const { goal, process, departing, runsBefore } = member;
  const { phase } = process;
  const isOver = phase.name === 'exited' || phase.name === 'failed';
  return {
    members: totals.members + sign,
    notDown: totals.notDown + (isDown(phase) ? 0 : sign),
    ended: totals.ended + (goal === 'up' && isOver ? sign : 0),
    unused: totals.unused + (goal === 'down' && process.run === runsBefore ? sign : 0),
    departing: totals.departing + (departing ? sign : 0),
  };
}

export function withInstance(tally: Tally, { process: { phase }, departing }: Member, sign: Sign): Tally {
  if (departing) return tally;
  const isOver = phase.name === 'exited' || phase.name === 'failed';
  const succeeded = phase.name === 'exited' && !isFailure(phase.exit);
  return {
    ...tally,
    instances: tally.instances + sign,
    running: tally.running + (phase.name === 'running' ? sign : 0),
    ready: tally.ready + (phase.name === 'running' && phase.ready ? sign : 0),
    succeeded: tally.succeeded + (succeeded ? sign : 0),
    over: tally.over + (isOver ? sign : 0),
    broken: tally.broken + (isOver && !succeeded ? sign : 0),
  };
}

export function withDependent(tally: Tally, { goal, process }: Member, { until }: Need, sign: Sign): Tally {
  if (until === 'succeeded') return { ...tally, tasks: tally.tasks + sign };
  if (!isAlive(process.phase)) return tally;
  return {
    ...tally,
    live: tally.live + sign,
    liveAndUp: tally.liveAndUp + (goal === 'up' ? sign : 0),
  };
}

/** Calls back for each process that the member counts for: its own, if others need it, and those that it needs. */
export function recount(
  { process, needs }: MemberSpec,
  member: Member,
  sign: Sign,
  change: (process: string, by: (tally: Tally) => Tally) => void,
): void {
  change(process, (tally) => withInstance(tally, member, sign));
  for (const need of needs) change(need.process, (tally) => withDependent(tally, member, need, sign));
}

/** What the dependents of a process go by. */
export function isMet({ instances, running, ready, succeeded }: Tally, until: Need['until']): boolean {
  return { started: running, ready, succeeded }[until] === instances;
}

export function cannotBeMet({ over, broken }: Tally, until: Need['until']): boolean {
  return (until === 'succeeded' ? broken : over) > 0;
}

/** What the instances of a process go by. One that departs does not wait for those that are to stay, which would be for ever. */
export function isHeld({ live, liveAndUp }: Tally, isDeparting: boolean): boolean {
  return isDeparting ? live > liveAndUp : live > 0;
}
