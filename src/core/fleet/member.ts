/** One instance as the fleet sees it: its process, and what is wanted of it. */
import { NEW_PROCESS, type ProcessState } from '../process/state.ts';
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
  /** Requests that wait for what becomes of it. */
  readonly asks: readonly Ask[];
}

/** The highest numbers of runs and of timers. */
export interface Numbers {
  readonly run: number;
  readonly timer: number;
}

export const NO_NUMBERS: Numbers = { run: 0, timer: 0 };

export function newMember({ run, timer }: Numbers): Member {
  const process = { ...NEW_PROCESS, run, timer };
  return { goal: 'down', process, inTurnSince: null, departing: false, runsBefore: run, asks: [] };
}
