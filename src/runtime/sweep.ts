import type { Clock } from '../ports/clock.ts';
import type { ProcessGroups } from '../ports/processes.ts';

export interface Swept {
  /** Pids that carried our run tag when everything was thought to have ended. */
  readonly found: readonly number[];
  /** Those of them that SIGKILL did not end. */
  readonly left: readonly number[];
}

const LOOK_MS = 20;
const KILL_GRACE_MS = 1000;

/**
 * The last look before we go: ends whatever left its session and hid its output, politely first, and whatever that
 * has started meanwhile.
 */
export async function sweep(
  processGroups: ProcessGroups,
  runTag: string,
  graceMs: number,
  clock: Clock,
): Promise<Swept> {
  // An empty one would match every supervised process of the user.
  if (!/.:$/.test(runTag)) throw new Error(`invalid run tag '${runTag}'`);
  const found = processGroups.signalMarked(runTag, 'SIGTERM');
  if (found.length === 0) return { found, left: [] };
  processGroups.signalMarked(runTag, 'SIGCONT');
  let heard = new Set(found);
  const ask = () => {
    const alive = processGroups.signalMarked(runTag, 'SIGTERM', heard);
    heard = new Set(alive);
    return alive;
  };
  if ((await untilGone(ask, graceMs, clock)).length === 0) return { found, left: [] };
  return {
    found,
    left: await untilGone(() => processGroups.signalMarked(runTag, 'SIGKILL'), KILL_GRACE_MS, clock),
  };
}

/** Asks again and again until nobody is left, or the time is over. Returns who is left. */
async function untilGone(
  ask: () => readonly number[],
  graceMs: number,
  clock: Clock,
): Promise<readonly number[]> {
  const deadline = clock.now() + graceMs;
  for (;;) {
    const left = ask();
    if (left.length === 0 || clock.now() >= deadline) return left;
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}
