/** The schedules of the world: the real ones, on its clock and its fleet, and what must hold of what they start. */
import type { FleetSpec, FleetState } from '../../src/core/fleet/state.ts';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import type { SchedulePlan, ServicePlan } from '../../src/core/plan/process-plan.ts';
import type { ProcessState } from '../../src/core/process/state.ts';
import type { Schedules } from '../../src/runtime/schedules.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import type { Core } from './oracle.ts';

/** Every `everyMs` from 0 on. */
export interface Times {
  readonly everyMs: number;
  readonly overlap: SchedulePlan['overlap'];
}

type Verb = 'start' | 'restart';

/** A timer takes 1 ms at least, and is set anew with each change of what has a schedule. */
const LATE_MS = 20;

export interface TimetableOptions {
  readonly core: Core;
  /** By process. */
  readonly times: ReadonlyMap<string, Times>;
  readonly now: () => number;
  readonly later: (ms: number, happen: () => void) => void;
  readonly blame: (what: string) => void;
  readonly state: () => FleetState;
  readonly wanted: () => FleetSpec;
  /** Some moments later it is an event like any other. */
  readonly ask: (verb: Verb, name: string) => void;
}

export interface Timetable {
  /** After a step. */
  changed(names: readonly string[]): void;
  checkFinish(): void;
}

export function createTimetable(options: TimetableOptions): Timetable {
  const { core, times, now, later, blame, state, wanted, ask } = options;
  /** Those that are in force: the first time that has not been dealt with. */
  const due = new Map<string, number>();
  const queued = new Set<string>();
  let schedules: Schedules | undefined;

  const timesOf = (name: string): Times | undefined => times.get(wanted().byName.get(name)?.process ?? '');
  const next = ({ everyMs }: Times, afterMs: number): number => (Math.floor(afterMs / everyMs) + 1) * everyMs;
  const isClosing = (): boolean => state().closing !== null || state().finished;

  function isUnderway(name: string): boolean {
    const { process, beside, waitingSince = null } = state().members.get(name) ?? {};
    const isUp = (one: ProcessState | undefined): boolean =>
      one !== undefined && !['idle', 'exited', 'failed'].includes(one.phase.name);
    return isUp(process) || isUp(beside?.process) || waitingSince !== null;
  }

  /** Each time is dealt with when it comes, and once. */
  function deal(name: string, at: number): void {
    const known = timesOf(name);
    const isInTime = at <= now() && now() - at <= LATE_MS;
    if (known === undefined || due.get(name) !== at || !isInTime) blame(`${name} has no such time`);
    if (known !== undefined) due.set(name, next(known, at));
  }

  const instancesOf = ({ byName }: FleetSpec): ReadonlyMap<string, InstanceSpec> =>
    new Map(
      [...byName.keys()].flatMap((name) => {
        const known = timesOf(name);
        if (known === undefined) return [];
        const usual = fakeInstance(name);
        const schedule: SchedulePlan = { cron: String(known.everyMs), overlap: known.overlap };
        return [[name, { ...usual, plan: { ...usual.plan, schedule } as ServicePlan }] as const];
      }),
    );

  let planned = wanted();
  let instances = instancesOf(planned);

  function begin(): void {
    schedules = core.createSchedules({
      clock: {
        now,
        wallNow: now,
        after(ms, callback) {
          let isSet = true;
          later(ms, () => {
            if (isSet) callback();
          });
          return () => (isSet = false);
        },
      },
      cronTimes:
        ({ cron }) =>
        (afterMs) =>
          next({ everyMs: Number(cron), overlap: 'skip' }, afterMs),
      instances: () => instances,
      isAlive: (name) => {
        const member = state().members.get(name);
        return member !== undefined && core.isUnderway(member);
      },
      isClosing,
      ask(verb, name, dueMs) {
        const overlap = timesOf(name)?.overlap;
        if (queued.delete(name)) {
          const at = due.get(name);
          if (at !== undefined && at <= now()) deal(name, at);
        } else deal(name, dueMs);
        if (verb === 'start' && isUnderway(name)) blame(`${name} is started by its schedule, and is up`);
        if (verb === 'restart' && overlap !== 'replace') blame(`${name} is restarted by its schedule`);
        ask(verb, name);
      },
      record(name, fact) {
        if (fact.type === 'schedule-missed') blame(`${name} has missed a time`);
        if (fact.type === 'schedule-skipped' || fact.type === 'schedule-queued')
          deal(name, Date.parse(fact.due));
        if (fact.type === 'schedule-queued') queued.add(name);
      },
    });
  }

  function check(): void {
    if (isClosing()) return;
    for (const [name, at] of due) if (now() - at > LATE_MS) blame(`${name} came due, and nothing was done`);
    for (const name of queued)
      if (!isUnderway(name)) blame(`${name} was to start after its end, and does not`);
  }

  return {
    changed(names) {
      if (wanted() !== planned) {
        planned = wanted();
        instances = instancesOf(planned);
      }
      for (const name of [...due.keys()].filter((one) => timesOf(one) === undefined)) {
        due.delete(name);
        queued.delete(name);
      }
      for (const name of wanted().byName.keys()) {
        const known = timesOf(name);
        if (known !== undefined && !due.has(name)) due.set(name, next(known, now()));
      }
      if (due.size === 0 && schedules === undefined) return;
      if (schedules === undefined) begin();
      schedules?.changed(names);
      check();
    },
    checkFinish() {
      schedules?.close();
      schedules = undefined;
      if (state().closing === null && due.size > 0) blame('the run finishes, though something is scheduled');
    },
  };
}
