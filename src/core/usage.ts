/**
 * CPU and memory of an instance, as arithmetic. A process has CPU time of its own, and the time of the children that
 * it has reaped (which includes what those had reaped). So the sum of both over a tree stays the same when a member
 * exits and its parent reaps it, and the time of a short-lived compiler between two samples is not lost.
 */
import type { MemoryKind } from './tree-memory.ts';

/** Times in milliseconds. */
export interface ProcessTime {
  readonly pid: number;
  /** Tells a process from a later one of the same pid; any unit. */
  readonly born: number;
  readonly ownMs: number;
  readonly reapedMs: number;
}

export const cpuTotalMs = (times: readonly ProcessTime[]): number =>
  times.reduce((sum, { ownMs, reapedMs }) => sum + ownMs + reapedMs, 0);

/**
 * The CPU time of a tree between two samples. Never negative, and nothing counts twice.
 *
 * The difference of the totals misses the time of a member that was not reaped within the tree (an orphan, or the child
 * of a parent that ignores SIGCHLD): its earlier time is lost with it. Then what the others used themselves is
 * certain. Both are lower bounds, so the greater is nearer to the truth.
 */
export function cpuIncreaseMs(before: readonly ProcessTime[], now: readonly ProcessTime[]): number {
  const earlier = new Map(before.map((time) => [time.pid, time]));
  let ownMs = 0;
  for (const time of now) {
    const known = earlier.get(time.pid);
    ownMs += Math.max(0, time.ownMs - (known?.born === time.born ? known.ownMs : 0));
  }
  return Math.max(ownMs, cpuTotalMs(now) - cpuTotalMs(before));
}

/** The usage shown for an instance; null if it is not running or could not be measured. */
export interface Usage {
  /** Percent of one core. */
  readonly cpu: number | null;
  /** Bytes; `tree-memory.ts` says which. */
  readonly memory: number | null;
  readonly memoryKind: MemoryKind | null;
  /** Without zombies. */
  readonly processes: number | null;
}

export const NOTHING_MEASURED: Usage = { cpu: null, memory: null, memoryKind: null, processes: null };

/** From where the next percentage counts. */
export interface CpuBaseline {
  readonly atMs: number;
  readonly cpuMs: number;
  /** What was shown last; null before the first. */
  readonly percent: number | null;
}

/** CPU time comes in steps of 10 ms: over less than this, one step would be more than 5 %. */
export const SHORTEST_SPAN_MS = 200;

/** A run begins with no CPU time at its start: so its first percentage is the average of its life, not 0. */
export const baselineOfStart = (startedAtMs: number): CpuBaseline => ({
  atMs: startedAtMs,
  cpuMs: 0,
  percent: null,
});

/** `cpuMs`: CPU time at `atMs`. Closer to the baseline than SHORTEST_SPAN_MS, what was shown last is shown again. */
export function measureCpu(
  before: CpuBaseline,
  cpuMs: number,
  atMs: number,
): { readonly percent: number; readonly baseline: CpuBaseline } {
  const spanMs = atMs - before.atMs;
  const percent = (100 * Math.max(0, cpuMs - before.cpuMs)) / Math.max(spanMs, SHORTEST_SPAN_MS);
  if (spanMs < SHORTEST_SPAN_MS) return { percent: before.percent ?? percent, baseline: before };
  return { percent, baseline: { atMs, cpuMs, percent } };
}
