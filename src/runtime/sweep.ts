import type { Clock } from '../ports/clock.ts';
import type { Found } from '../ports/processes.ts';
import type { StopSignals } from './stop-signals.ts';

export interface Swept {
  /** Pids that still carried our run tag when all processes had exited. */
  readonly found: readonly number[];
  /** Those of them that are still alive after SIGKILL. */
  readonly left: readonly number[];
  /** Null, or why it could not be told to the end whether there are more: the name of an errno. */
  readonly missed: string | null;
}

const LOOK_MS = 20;
const KILL_GRACE_MS = 1000;

/**
 * The last check before procsup exits: stops processes that left their session and do not hold an output pipe, with
 * SIGTERM first unless they have heard one, and everything that they have started meanwhile. Where it cannot be told whether anything is there, it looks again.
 */
export async function sweep(
  stopSignals: StopSignals,
  runTag: string,
  graceMs: number,
  clock: Clock,
): Promise<Swept> {
  // An empty one would match every supervised process of the user.
  if (!/.:$/.test(runTag)) throw new Error(`invalid run tag '${runTag}'`);
  const found = new Set<number>();
  const ask = (): Found => {
    const alive = stopSignals.toOthers(runTag);
    for (const pid of alive.pids) found.add(pid);
    return alive;
  };
  // Most go at once.
  if (isNobody(ask()) || isNobody(await untilGone(ask, graceMs, clock)))
    return { found: [...found], left: [], missed: null };
  const kill = (): Found => stopSignals.kill(runTag);
  const { pids, missed } = await untilGone(kill, KILL_GRACE_MS, clock);
  return { found: [...found], left: pids, missed };
}

const isNobody = ({ pids, missed }: Found): boolean => pids.length === 0 && missed === null;

/** Asks again and again until nobody is left for certain, or the time is over. Returns who is left. */
async function untilGone(ask: () => Found, graceMs: number, clock: Clock): Promise<Found> {
  const deadline = clock.now() + graceMs;
  for (;;) {
    const left = ask();
    if (isNobody(left) || clock.now() >= deadline) return left;
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}
