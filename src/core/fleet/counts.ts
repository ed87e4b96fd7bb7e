/** Counts that spare a look at every member. Each is a sum over members, so that a change of one is a difference. */
import { isFailure } from '../process/exit.ts';
import type { Need } from './spec.ts';
import { isTwofold, lives, runsOn, type Member } from './member.ts';

/** Of all members. */
export interface Totals {
  readonly notDown: number;
  /** They were to be up, and have ended for good. */
  readonly ended: number;
  /** They were never started. What was stopped on request is not among them: it can be started again. */
  readonly unused: number;
  readonly departing: number;
}

/** Of one process that others need. */
export interface Tally {
  /** Without those that depart. */
  readonly instances: number;
  /** Of these instances, each in one of them at most. */
  readonly running: number;
  readonly ready: number;
  readonly succeeded: number;
  readonly broken: number;
  /** Needs that wait for its success. */
  readonly tasks: number;
  /** Other needs, of members that are being stopped and still live. */
  readonly stopping: number;
}

export const NO_TOTALS: Totals = { notDown: 0, ended: 0, unused: 0, departing: 0 };

export const NO_TALLY: Tally = {
  ...{ instances: 0, running: 0, ready: 0, succeeded: 0, broken: 0 },
  ...{ tasks: 0, stopping: 0 },
};

/** After a change of a member; undefined before it came and after it was dropped. The same totals if nothing has changed. */
export function withChange(totals: Totals, was: Member | undefined, is: Member | undefined): Totals {
  const less = flagsOf(was);
  const more = flagsOf(is);
  if (less === more) return totals;
  return {
    notDown: totals.notDown + change(less, more, NOT_DOWN),
    ended: totals.ended + change(less, more, ENDED),
    unused: totals.unused + change(less, more, UNUSED),
    departing: totals.departing + change(less, more, DEPARTING),
  };
}

const change = (less: number, more: number, flag: number): number =>
  Number((more & flag) !== 0) - Number((less & flag) !== 0);

const NOT_DOWN = 1;
const ENDED = 2;
const UNUSED = 4;
const DEPARTING = 8;

function flagsOf(member: Member | undefined): number {
  if (member === undefined) return 0;
  const { goal, process, departing, runsBefore } = member;
  const isUp = goal === 'up';
  const isOver = process.phase.name === 'exited' || process.phase.name === 'failed';
  const hasBeside = isTwofold(member);
  return (
    ((isOver || process.phase.name === 'idle') && !hasBeside ? 0 : NOT_DOWN) |
    (isUp && isOver && !hasBeside ? ENDED : 0) |
    (!isUp && process.run === runsBefore ? UNUSED : 0) |
    (departing ? DEPARTING : 0)
  );
}

/** The same tally if nothing has changed for it; so with a dependent. */
export function withInstance(tally: Tally, was: Member | undefined, is: Member | undefined): Tally {
  const from = standingOf(was);
  const to = standingOf(is);
  if (from === to) return tally;
  const counted = { ...tally };
  count(counted, from, -1);
  count(counted, to, 1);
  return counted;
}

type Standing = 'none' | 'other' | 'running' | 'ready' | 'succeeded' | 'broken';

function standingOf(member: Member | undefined): Standing {
  if (member === undefined || member.departing) return 'none';
  const { phase } = member.process;
  // What waits for its dependents to be stopped is not there for others any more.
  if (phase.name === 'running' && !runsOn(member)) return 'other';
  if (phase.name === 'running') return phase.ready ? 'ready' : 'running';
  if (phase.name === 'exited') return isFailure(phase.exit) ? 'broken' : 'succeeded';
  return phase.name === 'failed' ? 'broken' : 'other';
}

function count(
  tally: { -readonly [Count in keyof Tally]: Tally[Count] },
  standing: Standing,
  by: 1 | -1,
): void {
  if (standing === 'none') return;
  tally.instances += by;
  if (standing !== 'other') tally[standing] += by;
}

export function withDependent(
  tally: Tally,
  until: Need['until'],
  was: Member | undefined,
  is: Member | undefined,
): Tally {
  if (until === 'succeeded') {
    const tasks = tally.tasks + (is === undefined ? 0 : 1) - (was === undefined ? 0 : 1);
    return tasks === tally.tasks ? tally : { ...tally, tasks };
  }
  const by = Number(isBeingStopped(is)) - Number(isBeingStopped(was));
  return by === 0 ? tally : { ...tally, stopping: tally.stopping + by };
}

const isBeingStopped = (member: Member | undefined): boolean =>
  member !== undefined && !runsOn(member) && lives(member);

/** What the dependents of a process go by. */
export function isMet({ instances, running, ready, succeeded }: Tally, until: Need['until']): boolean {
  switch (until) {
    case 'started':
      return running + ready + succeeded === instances;
    case 'ready':
      return ready === instances;
    case 'succeeded':
      return succeeded === instances;
  }
}

export function cannotBeMet({ succeeded, broken }: Tally, until: Need['until']): boolean {
  return broken > 0 || (until === 'ready' && succeeded > 0);
}

/** What the instances of a process go by: those that need it and are being stopped as well stop first. */
export const isHeld = ({ stopping }: Tally): boolean => stopping > 0;
