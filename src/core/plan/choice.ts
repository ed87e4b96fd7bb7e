/** Which processes a start is about: the named ones, or all that neither a profile nor `autostart: false` keeps back. */
import type { Problem } from '../problem.ts';
import { suggest } from '../../text/suggest.ts';
import { isGlob } from '../../text/glob.ts';
import { withNeeded } from './needs.ts';
import { isOnDemand, isService, scheduleOf, type ProcessPlan, type ServicePlan } from './process-plan.ts';
import { namesMatcher } from './select.ts';

export interface Choice {
  /** What is to be started, perhaps by patterns; empty means everything. */
  readonly names: readonly string[];
  /** What of it is not. */
  readonly exclude: readonly string[];
  /** The active ones, perhaps by patterns. */
  readonly profiles: readonly string[];
  /** `--no-deps`: what they need is not started, and not waited for. */
  readonly noDeps: boolean;
}

/** `groups`: the names of all processes and pipelines. */
export function chosenOf(
  groups: readonly string[],
  plans: readonly ProcessPlan[],
  { names, exclude, profiles, noDeps }: Choice,
): ReadonlySet<string> {
  const isLeft = namesMatcher(exclude);
  const isActive = namesMatcher(profiles);
  const keptBack = new Set(
    plans.filter(isService).flatMap((plan) => {
      const { name, profiles: own = [], autostart, schedule } = plan;
      const isAsked = !(autostart ?? schedule === undefined) || isOnDemand(plan);
      return isAsked || !isInProfile(own, isActive) ? [name] : [];
    }),
  );
  const isStartedAnyway = (name: string): boolean => !keptBack.has(name);
  const isNamed = namesMatcher(names);
  const first = new Set(
    groups.filter((name) => (names.length === 0 ? !keptBack.has(name) : isNamed(name)) && !isLeft(name)),
  );
  if (noDeps) return first;
  const needed = withNeeded(first, plans, { isLeft, isStartedAnyway });
  return new Set(groups.filter((name) => needed.has(name)));
}

const isInProfile = (own: readonly string[], isActive: (name: string) => boolean): boolean =>
  own.length === 0 || own.some(isActive);

/**
 * A schedule is in force unless its process is left out: by `-x`, by the names of others, or by its profiles. So it is with a
 * start on demand.
 */
export function withSchedulesInForce(
  plans: readonly ProcessPlan[],
  chosen: ReadonlySet<string>,
  { names, exclude, profiles }: Choice,
): readonly ProcessPlan[] {
  const [isLeft, isActive] = [namesMatcher(exclude), namesMatcher(profiles)];
  return plans.map((plan) => {
    if ((scheduleOf(plan) === undefined && !isOnDemand(plan)) || chosen.has(plan.name)) return plan;
    const isIn = names.length === 0 && !isLeft(plan.name) && isInProfile(profilesOf(plan), isActive);
    if (isIn) return plan;
    const without: { -readonly [Key in keyof ServicePlan]: ServicePlan[Key] } = { ...(plan as ServicePlan) };
    delete without.schedule;
    if (isOnDemand(plan)) without.autostart = false;
    return without;
  });
}

const profilesOf = (plan: ProcessPlan): readonly string[] => (isService(plan) ? (plan.profiles ?? []) : []);

/** What the user leaves out is not waited for. */
export function withoutLeftOut(
  plans: readonly ProcessPlan[],
  chosen: ReadonlySet<string>,
  { exclude, noDeps }: Choice,
): readonly ProcessPlan[] {
  if (exclude.length === 0 && !noDeps) return plans;
  const isLeft = namesMatcher(exclude);
  const isAwaited = (name: string): boolean => !isLeft(name) && (!noDeps || chosen.has(name));
  return plans.map((plan) =>
    plan.needs.length === 0
      ? plan
      : { ...plan, needs: plan.needs.filter(({ process }) => isAwaited(process)) },
  );
}

/** Warnings: no process has the profile. */
export function unknownProfiles(
  plans: readonly ProcessPlan[],
  active: readonly string[],
): readonly Problem[] {
  const known = [...new Set(plans.filter(isService).flatMap(({ profiles = [] }) => profiles))];
  return active
    .filter((name) => !isGlob(name) && !known.includes(name))
    .map((name) => {
      const meant = suggest(name, known);
      const all = known.length === 0 ? 'no process has any' : `known profiles: ${known.join(', ')}`;
      return {
        code: 'unknown-profile',
        severity: 'warning',
        message: `unknown profile '${name}'`,
        remedy: meant === undefined ? all : `did you mean '${meant}'?`,
      };
    });
}

export const ALL_KEPT_BACK: Problem = {
  code: 'all-kept-back',
  severity: 'error',
  message: "nothing to start: every process has a profile that is not active, or 'autostart: false'",
  remedy: 'name a process, or activate a profile with --profile',
};
