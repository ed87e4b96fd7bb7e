/**
 * Starts processes at the times of their schedules. One timer serves all. It is set anew at least each minute, so that a
 * clock that was changed, or a machine that has slept, is noticed.
 */
import type { InstanceFact } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import { scheduleOf, type SchedulePlan } from '../core/plan/process-plan.ts';
import {
  beginSchedule,
  lookAtSchedule,
  timesMissed,
  type NextTime,
  type Schedule,
  type ScheduleEffect,
} from '../core/schedule/schedule.ts';
import type { Clock } from '../ports/clock.ts';
import type { CronTimes } from '../ports/cron.ts';
import type { ScheduleMemory } from '../ports/schedule-memory.ts';

export interface Schedules {
  /** Unix time of its next start. Undefined: it has no schedule, or that never comes due again. */
  nextOf(name: string): number | undefined;
  /** They may have come, gone, ended, or got another schedule. */
  changed(names: readonly string[]): void;
  close(): void;
}

export interface SchedulesOptions {
  readonly clock: Clock;
  readonly cronTimes: CronTimes;
  /** What the last supervisor of the project has left, and the next one finds. Undefined: there is no such place. */
  readonly memory?: ScheduleMemory | undefined;
  /** All that there are now. */
  readonly instances: () => ReadonlyMap<string, InstanceSpec>;
  /** A run of it lives, or is about to. */
  readonly isAlive: (name: string) => boolean;
  /** Nothing is started any more. */
  readonly isClosing: () => boolean;
  readonly ask: (verb: 'start' | 'restart', name: string, dueMs: number) => void;
  readonly record: (name: string, fact: InstanceFact) => void;
}

interface Known {
  readonly plan: SchedulePlan;
  readonly next: NextTime;
  schedule: Schedule;
}

const LONGEST_WAIT_MS = 60_000;

export function createSchedules(options: SchedulesOptions): Schedules {
  const { clock, cronTimes, memory, instances, isAlive, isClosing } = options;
  const known = new Map<string, Known>();
  let cancel = (): void => undefined;
  let isClosed = false;
  let isRemembered = true;

  const knownOf = (name: string): Known | undefined => {
    const plan = scheduleOf(instances().get(name)?.plan);
    const before = known.get(name);
    if (plan === undefined) {
      if (known.delete(name)) isRemembered = false;
      return undefined;
    }
    if (before !== undefined && isSame(before.plan, plan)) return before;
    const next = cronTimes(plan);
    const one = { plan, next, schedule: beginSchedule(next, clock.wallNow()) };
    known.set(name, one);
    isRemembered = false;
    return one;
  };

  const look = (name: string): void => {
    const one = knownOf(name);
    if (one === undefined || isClosing()) return;
    const { overlap } = one.plan;
    const nowMs = clock.wallNow();
    const { schedule, effects } = lookAtSchedule(one.schedule, one.next, {
      ...{ nowMs, overlap },
      isAlive: isAlive(name),
    });
    one.schedule = schedule;
    for (const effect of effects) perform(name, effect);
  };

  const perform = (name: string, effect: ScheduleEffect): void => {
    switch (effect.type) {
      case 'start':
        return options.ask('start', name, effect.dueMs);
      case 'replace':
        return options.ask('restart', name, effect.dueMs);
      case 'skip':
      case 'queue':
        return options.record(name, {
          type: effect.type === 'skip' ? 'schedule-skipped' : 'schedule-queued',
          due: isoOf(effect.dueMs),
        });
      case 'miss':
        return options.record(name, {
          ...({ type: 'schedule-missed', count: effect.count } as const),
          first: isoOf(effect.firstMs),
        });
    }
  };

  const wait = (): void => {
    cancel();
    if (isClosed) return;
    const nowMs = clock.wallNow();
    const dueMs = Math.min(...[...known.values()].map(({ schedule }) => schedule.dueMs ?? Infinity));
    cancel = clock.after(Math.min(Math.max(dueMs - nowMs, 1), LONGEST_WAIT_MS), lookAtAll);
  };

  const lookAtAll = (): void => {
    for (const name of new Set([...known.keys(), ...instances().keys()])) look(name);
    remember();
    wait();
  };

  /** After each time that came, so that one that was met before a crash does not count as missed after it. */
  const remember = (): void => {
    isRemembered = true;
    const schedules = Object.fromEntries([...known].map(([name, { plan }]) => [name, plan]));
    memory?.write({ lookedMs: clock.wallNow(), schedules });
  };

  /** One that was not in force then, or had other times, has missed none. */
  const tellMissed = (): void => {
    const { lookedMs = 0, schedules = {} } = memory?.read() ?? {};
    for (const [name, { plan: before }] of known) {
      const plan = schedules[name];
      if (plan?.cron !== before.cron || plan.timeZone !== before.timeZone) continue;
      const missed = timesMissed(cronTimes(plan), lookedMs, clock.wallNow());
      if (missed === undefined) continue;
      const { firstMs, lastMs, count } = missed;
      options.record(name, {
        ...({ type: 'schedule-missed', count } as const),
        ...{ first: isoOf(firstMs), last: isoOf(lastMs) },
      });
    }
  };

  for (const name of instances().keys()) knownOf(name);
  tellMissed();
  lookAtAll();
  return {
    nextOf: (name) => known.get(name)?.schedule.dueMs ?? undefined,
    changed(names) {
      const own = names.filter(
        (name) => known.has(name) || scheduleOf(instances().get(name)?.plan) !== undefined,
      );
      if (own.length === 0 || isClosed) return;
      for (const name of own) look(name);
      if (!isRemembered) remember();
      wait();
    },
    close() {
      if (!isClosed) remember();
      isClosed = true;
      cancel();
    },
  };
}

const isSame = (a: SchedulePlan, b: SchedulePlan): boolean =>
  a.cron === b.cron && a.timeZone === b.timeZone && a.overlap === b.overlap;

const isoOf = (ms: number): string => new Date(ms).toISOString();
