/**
 * A clock on the wall that is put forward and back, and a machine that sleeps: what is started by schedules in such a life,
 * and what must hold of it. Each time that comes due is dealt with exactly once: started, left out, or told as missed.
 */
import type { InstanceFact } from '../../src/core/events.ts';
import type { SchedulePlan, ServicePlan } from '../../src/core/plan/process-plan.ts';
import type { NextTime } from '../../src/core/schedule/schedule.ts';
import type { CronTimes } from '../../src/ports/cron.ts';
import type { Schedules, SchedulesOptions } from '../../src/runtime/schedules.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';
import { seeded, type Random } from './random.ts';

/** The schedules under test: the real ones, or a mutant of them. */
export interface ScheduleCore {
  createSchedules(options: SchedulesOptions): Schedules;
  readonly cronTimes: CronTimes;
}

export interface ScheduledLife {
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<Kind, number>>;
}

type Kind = 'start' | 'replace' | 'skip' | 'queue' | 'miss';

interface Deed {
  readonly kind: Kind;
  readonly dueMs: number;
  readonly count: number;
}

interface LookSeen {
  readonly nowMs: number;
  readonly isAlive: boolean;
  readonly done: Deed[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The contract, in figures of our own. */
const LATE_MS = 10 * SECOND;
const BACK_MS = 3 * HOUR;
const NOTICED_MS = MINUTE;
const MOST_COUNTED = 1000;
const NAME = 'job.1';

export function liveBySchedule(seed: number, core: ScheduleCore): ScheduledLife {
  const random = seeded(seed);
  const violations: string[] = [];
  const counts = { start: 0, replace: 0, skip: 0, queue: 0, miss: 0 };
  const calendar = randomCalendar(random, core.cronTimes);
  const { next } = calendar;
  const overlap = random.pick(['skip', 'queue', 'replace'] as const);
  const clock = createVirtualClock(calendar.fromMs);
  let shiftMs = 0;
  const wallNow = () => clock.wallNow() + shiftMs;
  const blame = (what: string) => violations.push(`${new Date(wallNow()).toISOString()}: ${what}`);

  let lookedMs = wallNow();
  let dueMs = next(lookedMs);
  let isQueued = false;
  let endsAt = null as number | null;
  /** What the look that is in progress has done. */
  let look = null as LookSeen | null;
  const localDays = new Set<string>();

  const live = (ms: number): void => {
    const mine = clock.now() + ms;
    endsAt = mine;
    clock.after(ms, () => {
      if (endsAt !== mine) return;
      endsAt = null;
      // It ends as the machine wakes.
      if (random.chance(0.2)) shift(random.pick([MINUTE, HOUR, 5 * HOUR]));
      observe(() => schedules.changed([NAME]));
    });
  };
  const did = (kind: Kind, at: number, count = 1): void => {
    counts[kind] += 1;
    if (look === null) blame(`${kind} without a look`);
    look?.done.push({ kind, dueMs: at, count });
  };
  const usual = fakeInstance(NAME);
  const schedule: SchedulePlan = { cron: calendar.cron, overlap };
  const instances = new Map([[NAME, { ...usual, plan: { ...usual.plan, schedule } as ServicePlan }]]);
  const observe = (deed: () => void): void => {
    deed();
    settle();
  };
  const options: SchedulesOptions = {
    clock: {
      now: () => clock.now(),
      wallNow,
      after: (ms, callback) => clock.after(ms, () => observe(callback)),
    },
    cronTimes: () => next,
    instances: () => instances,
    isAlive() {
      settle();
      const isAlive = endsAt !== null;
      look = { nowMs: wallNow(), isAlive, done: [] };
      return isAlive;
    },
    isClosing: () => false,
    ask(verb, _name, at) {
      did(verb === 'start' ? 'start' : 'replace', at);
      live(random.pick([100, 90 * SECOND, 2 * HOUR, 0.7 * calendar.strideMs]));
    },
    record(_name, fact: InstanceFact) {
      if (fact.type === 'schedule-missed') did('miss', Date.parse(fact.first), fact.count);
      if (fact.type === 'schedule-skipped') did('skip', Date.parse(fact.due));
      if (fact.type === 'schedule-queued') did('queue', Date.parse(fact.due));
    },
  };

  /** The times that a look had to deal with, and what it did. */
  function settle(): void {
    if (look === null) return;
    const { nowMs, isAlive, done } = look;
    look = null;
    const isFarBack = nowMs < lookedMs - BACK_MS;
    if (isFarBack) {
      dueMs = next(nowMs);
      localDays.clear();
    }
    lookedMs = isFarBack ? nowMs : Math.max(lookedMs, nowMs);
    const due: number[] = [];
    for (; dueMs !== null && dueMs <= nowMs && due.length <= MOST_COUNTED; dueMs = next(dueMs))
      due.push(dueMs);
    const [first] = due;
    // Years of seconds are not counted.
    if (due.length > MOST_COUNTED) dueMs = next(nowMs);
    else checkOnce(due, done);
    if (schedules.nextOf(NAME) !== (dueMs ?? undefined)) blame('another time is shown than the next one');
    const recent = first === undefined ? null : next(Math.max(first, nowMs - LATE_MS) - 1);
    checkKinds(done, recent !== null && recent <= nowMs, isAlive);
    for (const one of done) if (one.kind === 'start' || one.kind === 'replace') checkLocal(one.dueMs);
  }

  /** No time is left out, and none comes twice. */
  function checkOnce(due: readonly number[], done: readonly Deed[]): void {
    const dealtWith = done.flatMap(({ kind, dueMs: first, count }) => {
      if (kind === 'start' && !due.includes(first)) return [];
      const times = [first];
      for (let at = next(first); times.length < count && at !== null; at = next(at)) times.push(at);
      return times;
    });
    if (dealtWith.join() !== due.join())
      blame(
        `${String(due.length)} times were due, and dealt with were ${String(dealtWith.length)} or others`,
      );
  }

  function checkKinds(done: readonly Deed[], isInTime: boolean, isAlive: boolean): void {
    const kinds = done.map(({ kind }) => kind).filter((kind) => kind !== 'miss');
    const wasQueued = isQueued;
    const ought = isInTime ? onDue(isAlive) : wasQueued && !isAlive ? 'start' : undefined;
    if (ought === 'start') isQueued = false;
    if (ought === 'queue') isQueued = true;
    if (kinds.join() !== (ought ?? ''))
      blame(`${kinds.join() || 'nothing'} instead of ${ought ?? 'nothing'}`);
  }

  function onDue(isAlive: boolean): Kind {
    if (!isAlive) return 'start';
    return overlap === 'queue' && isQueued ? 'skip' : overlap;
  }

  /** In the zone of the calendar it is the hour that was said, once a day. */
  function checkLocal(at: number): void {
    if (calendar.localTime === undefined || next(at - 1) !== at) return;
    const [day = '', time] = calendar.localTime.format(at).split(', ');
    if (localDays.has(day)) blame(`it is started twice on ${day}`);
    localDays.add(day);
    if (time !== '02:30' && time !== '03:00' && time !== '03:30') blame(`it is started at ${String(time)}`);
  }

  const shift = (ms: number): void => {
    shiftMs += ms;
    steadySince = clock.now();
  };
  /** Whatever came due is dealt with in a minute at most, while the machine is awake. */
  const checkNoticed = (): void => {
    if (dueMs !== null && wallNow() > dueMs + NOTICED_MS + 1 && clock.now() > steadySince + NOTICED_MS)
      blame('a time came due, and nobody has looked');
  };

  let steadySince = 0;
  let schedules: Schedules = {
    nextOf: () => dueMs ?? undefined,
    changed: () => undefined,
    close: () => undefined,
  };
  observe(() => (schedules = core.createSchedules(options)));
  for (let deeds = random.between(5, 25); deeds > 0 && violations.length === 0; deeds -= 1) {
    const what = random.between(0, 9);
    if (what < 3) shift(random.pick([-SECOND, 5 * SECOND, MINUTE, HOUR, 25 * HOUR]));
    else if (what < 5) shift(random.pick([-MINUTE, -HOUR, -2 * HOUR, -3 * HOUR, -4 * HOUR, -30 * HOUR]));
    else if (what === 5 && endsAt === null) live(random.pick([SECOND, HOUR]));
    // Two looks in one moment, and looks in between.
    for (let looks = random.pick([0, 0, 1, 2]); looks > 0; looks -= 1)
      observe(() => schedules.changed([NAME]));
    clock.advance(random.pick([1, SECOND, MINUTE, 10 * MINUTE, calendar.strideMs]));
    checkNoticed();
  }
  schedules.close();
  return { violations, counts };
}

interface Calendar {
  readonly cron: string;
  readonly next: NextTime;
  readonly fromMs: number;
  readonly strideMs: number;
  /** Only of one that comes once a day. */
  readonly localTime?: Intl.DateTimeFormat;
}

/** Some hours before clocks are put forward, and back. */
const CHANGES = [Date.UTC(2026, 2, 28, 22), Date.UTC(2026, 9, 24, 22)] as const;
const BERLIN = new Intl.DateTimeFormat('en-GB', {
  ...{ timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'short' },
});
const DAILY = '30 2 * * *';

function randomCalendar(random: Random, cronTimes: CronTimes): Calendar {
  const kind = random.between(0, 9);
  const fromMs = random.pick(CHANGES);
  if (kind < 3) {
    const next = cronTimes({ cron: DAILY, timeZone: 'Europe/Berlin' });
    return { cron: DAILY, next, fromMs, strideMs: 5 * HOUR, localTime: BERLIN };
  }
  const everyMs = random.pick([5 * SECOND, MINUTE, HOUR, 5 * HOUR]);
  const lastMs = random.chance(0.1) ? fromMs + 3 * everyMs : Infinity;
  const next: NextTime = (afterMs) => {
    const at = (Math.floor(afterMs / everyMs) + 1) * everyMs;
    return at > lastMs ? null : at;
  };
  return { cron: `every ${String(everyMs)}`, next, fromMs, strideMs: 2 * everyMs };
}
