/**
 * When a process is started by its schedule. A clock may be put forward or back, and a machine may sleep: what is looked at
 * is the clock on the wall, and each look says what has come due since the last one.
 *
 * A time that has passed more than LATE_MS ago was missed: it is told once, and not caught up. Of several that have come
 * within that the latest counts. A clock that goes back by at most BACK_MS brings no time twice; further back it was wrong
 * before, and times count from where it is now.
 */
export interface Schedule {
  /** Unix time in milliseconds, as all here; null: never again. */
  readonly dueMs: number | null;
  /** The latest moment that was looked at. */
  readonly lookedMs: number;
  /** It is to be started as soon as it has ended. */
  readonly isQueued: boolean;
}

export interface Look {
  readonly nowMs: number;
  /** A run of it lives, or is about to. */
  readonly isAlive: boolean;
  readonly overlap: 'skip' | 'queue' | 'replace';
}

export type ScheduleEffect =
  | { readonly type: 'start' | 'replace'; readonly dueMs: number }
  /** It still runs: this time is left out, or waits for its end. */
  | { readonly type: 'skip' | 'queue'; readonly dueMs: number }
  /** `count`: at most MOST_COUNTED. */
  | { readonly type: 'miss'; readonly firstMs: number; readonly count: number };

/** The first time after a moment. */
export type NextTime = (afterMs: number) => number | null;

export interface ScheduleLook {
  readonly schedule: Schedule;
  readonly effects: readonly ScheduleEffect[];
}

const LATE_MS = 10_000;
const BACK_MS = 3 * 3_600_000;
export const MOST_COUNTED = 1000;

export function beginSchedule(next: NextTime, nowMs: number): Schedule {
  return { dueMs: next(nowMs), lookedMs: nowMs, isQueued: false };
}

export function lookAtSchedule(schedule: Schedule, next: NextTime, look: Look): ScheduleLook {
  const { nowMs, isAlive } = look;
  const { dueMs, lookedMs } = schedule;
  if (nowMs < lookedMs - BACK_MS)
    return fromQueue({ ...schedule, dueMs: next(nowMs), lookedMs: nowMs }, isAlive);
  const latestMs = Math.max(lookedMs, nowMs);
  if (dueMs === null || dueMs > nowMs) return fromQueue({ ...schedule, lookedMs: latestMs }, isAlive);

  const { missed, latest } = passed(dueMs, next, nowMs);
  const seen = { ...schedule, dueMs: next(nowMs), lookedMs: latestMs };
  if (latest === undefined) {
    const queued = fromQueue(seen, isAlive);
    return { schedule: queued.schedule, effects: [...missed, ...queued.effects] };
  }
  const { schedule: after, effects } = onDue(seen, latest, look);
  return { schedule: after, effects: [...missed, ...effects] };
}

/** Times that came in a span in which nothing looked. `count`: at most MOST_COUNTED. */
export interface MissedTimes {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

/** Of the span after `sinceMs` until `nowMs`. Undefined: none came, or the clock was put back since. */
export function timesMissed(next: NextTime, sinceMs: number, nowMs: number): MissedTimes | undefined {
  const firstMs = next(sinceMs);
  if (firstMs === null || firstMs > nowMs) return undefined;
  let lastMs = firstMs;
  for (let count = 1; count < MOST_COUNTED; count += 1) {
    const atMs = next(lastMs);
    if (atMs === null || atMs > nowMs) return { firstMs, lastMs, count };
    lastMs = atMs;
  }
  return { firstMs, lastMs: lastBefore(next, lastMs, nowMs), count: MOST_COUNTED };
}

/** The last time until `nowMs`, by halving the span: years of seconds are not counted. `fromMs` is one of the times. */
function lastBefore(next: NextTime, fromMs: number, nowMs: number): number {
  let [lastMs, endMs] = [fromMs, nowMs];
  while (lastMs < endMs) {
    const middleMs = Math.floor((lastMs + endMs) / 2);
    const atMs = next(middleMs);
    if (atMs !== null && atMs <= nowMs) lastMs = atMs;
    else endMs = middleMs;
  }
  return lastMs;
}

/** The times from `firstMs` on: the latest that can still be met, and those that were missed. */
function passed(
  firstMs: number,
  next: NextTime,
  nowMs: number,
): { readonly missed: readonly ScheduleEffect[]; readonly latest: number | undefined } {
  let count = 0;
  let latest: number | undefined;
  let at: number | null = firstMs;
  while (at !== null && at <= nowMs) {
    if (latest !== undefined || at < nowMs - LATE_MS) count += 1;
    if (at >= nowMs - LATE_MS) latest = at;
    // Years of seconds are not counted.
    at = count === MOST_COUNTED ? next(Math.max(at, nowMs - LATE_MS - 1)) : next(at);
    if (count > MOST_COUNTED) count = MOST_COUNTED;
  }
  return { missed: count === 0 ? [] : [{ type: 'miss', firstMs, count }], latest };
}

function onDue(schedule: Schedule, dueMs: number, { isAlive, overlap }: Look): ScheduleLook {
  if (!isAlive) return { schedule: { ...schedule, isQueued: false }, effects: [{ type: 'start', dueMs }] };
  switch (overlap) {
    case 'skip':
      return { schedule, effects: [{ type: 'skip', dueMs }] };
    case 'replace':
      return { schedule, effects: [{ type: 'replace', dueMs }] };
    case 'queue':
      // One waits already.
      return schedule.isQueued
        ? { schedule, effects: [{ type: 'skip', dueMs }] }
        : { schedule: { ...schedule, isQueued: true }, effects: [{ type: 'queue', dueMs }] };
  }
}

function fromQueue(schedule: Schedule, isAlive: boolean): ScheduleLook {
  if (!schedule.isQueued || isAlive) return { schedule, effects: [] };
  return {
    schedule: { ...schedule, isQueued: false },
    effects: [{ type: 'start', dueMs: schedule.lookedMs }],
  };
}
