import type { Clock, Families } from '../ports.ts';

export interface Swept {
  /** Pids that carried our mark when everything was thought to have ended. */
  readonly found: readonly number[];
  /** Those of them that SIGKILL did not end. */
  readonly left: readonly number[];
}

const LOOK_MS = 20;
const KILL_GRACE_MS = 1000;

/** The last look before we go: ends whatever left its session and hid its output, politely first. */
export async function sweep(families: Families, mark: string, graceMs: number, clock: Clock): Promise<Swept> {
  const found = families.marked(mark);
  if (found.length === 0) return { found, left: [] };
  families.signalMarked(mark, 'SIGTERM');
  families.signalMarked(mark, 'SIGCONT');
  if (await allGone(families, mark, graceMs, clock)) return { found, left: [] };
  families.signalMarked(mark, 'SIGKILL');
  await allGone(families, mark, KILL_GRACE_MS, clock);
  return { found, left: families.marked(mark) };
}

async function allGone(families: Families, mark: string, graceMs: number, clock: Clock): Promise<boolean> {
  const deadline = clock.now() + graceMs;
  while (families.marked(mark).length > 0) {
    if (clock.now() >= deadline) return false;
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
  return true;
}
