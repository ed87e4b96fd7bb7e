import type { SignalName } from './signals.ts';

/** How a process is made to stop: each signal in turn, and how long it gets before the next. */
export interface Rung {
  readonly signal: SignalName;
  readonly graceMs: number;
}

export type StopLadder = readonly [Rung, ...Rung[]];

/** How long the kernel gets to end a process after SIGKILL; one that hangs in a system call may not. */
const KILL_GRACE_MS = 1000;

/** `timeoutMs` is the grace period between the first signal and SIGKILL. */
export function stopLadder(signal: SignalName, timeoutMs: number): StopLadder {
  return [
    { signal, graceMs: timeoutMs },
    { signal: 'SIGKILL', graceMs: KILL_GRACE_MS },
  ];
}

export function lastRung(ladder: StopLadder): number {
  return ladder.length - 1;
}
