/** Who a process is: its parent, its group, its start, and which signals it ignores. Linux only: elsewhere nothing is seen. */
import { uptime } from 'node:os';
import { isInMask, type SignalName } from '../../core/process/signals.ts';
import type { Seen } from '../../ports/processes.ts';
import { kernelUnits } from './kernel-units.ts';
import { readText, type ReadFailure } from './proc-file.ts';
import { emptyStat } from './stat.ts';
import { readLiving } from './threads.ts';

export interface Sight {
  readonly seen: readonly Seen[];
  /** Why some could not be looked at; null when all were. */
  readonly missed: string | null;
}

const stat = emptyStat();
let ticksPerSecond: number | undefined;

const ticksOfSecond = (): number => (ticksPerSecond ??= kernelUnits().ticksPerSecond);

const secondsOf = (ticks: number): number => ticks / ticksOfSecond();

/** Without those that have ended. */
export function lookAt(pids: readonly number[]): Sight {
  const seen: Seen[] = [];
  let missed: string | null = null;
  for (const pid of pids) {
    const result = readLiving(pid, stat);
    if (result.is === 'unknown') missed = result.why;
    if (result.is !== 'read') continue;
    seen.push({ pid, parent: stat.parent, group: stat.group, started: secondsOf(stat.startTicks) });
  }
  return { seen, missed };
}

let ownStart: number | undefined;

/**
 * The kernel's boot clock, rounded down to its ticks as start times are: what starts within the tick is not older than it.
 * Some containers count it from their own start (lxcfs), which start times do not: then it is counted from our own.
 */
export function secondsSinceBoot(): number {
  ownStart ??= lookAt([process.pid]).seen[0]?.started ?? 0;
  const seconds = Math.max(uptime(), ownStart + process.uptime());
  // 36700.87 times 100 is a little less than 3670087.
  return secondsOf(Math.floor(seconds * ticksOfSecond() + 1e-4));
}

const IGNORED = /^SigIgn:\s*([0-9a-f]+)$/m;

/** `missed`: why that cannot be told; it is then taken for one that does not. */
export function ignoresSignal(
  pid: number,
  signal: SignalName,
): { readonly is: boolean; readonly missed: string | null } {
  const read: { readonly is: 'read'; readonly text: string } | ReadFailure = readText(`/proc/${pid}/status`);
  if (read.is !== 'read') return { is: false, missed: read.is === 'unknown' ? read.why : null };
  return { is: isInMask(IGNORED.exec(read.text)?.[1] ?? '0', signal), missed: null };
}
