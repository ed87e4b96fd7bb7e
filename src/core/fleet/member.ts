/** One instance as the fleet sees it: its process, and what is wanted of it. */
import { isAlive, isUnkillable, NEW_PROCESS, type ProcessState } from '../process/state.ts';
import type { Ask } from './tickets.ts';

export interface Member {
  /** What was asked for; the process's own `want` follows as soon as needs and dependents allow. */
  readonly goal: 'up' | 'down';
  readonly process: ProcessState;
  /** When it was asked to stop after the later processes (see `turns.ts`); null if its stop has no such order. */
  readonly inTurnSince: number | null;
  /** It is no longer among the members that are wanted, and dropped as soon as nothing of it lives. */
  readonly departing: boolean;
  /** Its runs count on from this number, which is 0 for the first members. */
  readonly runsBefore: number;
  /** It is to be up, and is being stopped until its needs are met again, for one of them has ended. */
  readonly awaitsNeeds: boolean;
  /** It is started without a look at its needs. */
  readonly ignoresNeeds: boolean;
  /** It was started so: its restart policy does not look at them either. */
  readonly ranWithoutNeeds: boolean;
  /** The delay of its restart is over (the number of that timer), and it is not restarted before its needs are met again. */
  readonly heldTimer: number | null;
  /** When it began to wait for its needs; null while it does not. */
  readonly waitingSince: number | null;
  /** Requests that wait for what becomes of it. */
  readonly asks: readonly Ask[];
  /** A rolling restart of it was requested and has not begun. */
  readonly toRoll: boolean;
  /** Its second run; null: there is none. */
  readonly beside: Beside | null;
}

/** A run beside that of the member itself, in a rolling restart. */
export interface Beside {
  /**
   * `next`: it replaces the run of the member when it is ready. `failed`: it was not, and is ended. `called-off`: it is ended on
   * request. `past`: it was replaced, and is ended.
   */
  readonly role: 'next' | 'failed' | 'called-off' | 'past';
  readonly process: ProcessState;
}

/** A program of it lives, or is about to. */
export const lives = ({ process, beside }: Member): boolean =>
  isAlive(process.phase) || (beside !== null && isAlive(beside.process.phase));

/** Something of its second run is awaited. What SIGKILL does not end is not waited for. */
export const isTwofold = ({ beside }: Member): boolean =>
  beside !== null && !isUnkillable(beside.process.phase);

/** It is not being stopped, for good or for a while. */
export const runsOn = ({ goal, awaitsNeeds }: Member): boolean => goal === 'up' && !awaitsNeeds;

/** A run of it lives, or is about to: its schedule does not start another beside it. */
export const isUnderway = (member: Member): boolean =>
  lives(member) || member.process.phase.name === 'backoff' || member.waitingSince !== null;

/** The highest numbers of runs and of timers. */
export interface Numbers {
  readonly run: number;
  readonly timer: number;
}

export const NO_NUMBERS: Numbers = { run: 0, timer: 0 };

export function newMember({ run, timer }: Numbers): Member {
  const process = { ...NEW_PROCESS, run, timer };
  return {
    ...{ goal: 'down', process, inTurnSince: null, departing: false, runsBefore: run },
    ...{ awaitsNeeds: false, ignoresNeeds: false, ranWithoutNeeds: false },
    ...{ heldTimer: null, waitingSince: null, asks: [], toRoll: false, beside: null },
  };
}
