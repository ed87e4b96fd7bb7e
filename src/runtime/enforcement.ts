/**
 * Has the kernel keep the limits of those that want it: each run gets a control group, or a scope of systemd, before its
 * program begins. Once a second it is looked what the kernel has done, and whether a reload has changed a limit.
 */
import {
  changedLimits,
  controllersFor,
  groupName,
  groupRefusal,
  inGroup,
  inScope,
  unitProperties,
  wayTo,
  type Way,
} from '../core/limits/enforcing.ts';
import type { WatchedKind, WatchedLimit } from '../core/limits/limits.ts';
import type { InstanceFact } from '../core/events.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlGroups, ControlGroupSystem } from '../ports/control-groups.ts';

export interface EnforcementOptions {
  readonly system: ControlGroupSystem;
  readonly clock: Clock;
  readonly record: (name: string, fact: InstanceFact) => void;
  /** Told once. */
  readonly refused: (reason: string) => void;
  /** As they are now. */
  readonly limitsOf: (name: string) => readonly WatchedLimit[];
}

/** One run with limits that the kernel keeps. */
export interface Confinement {
  readonly confine: (script: string, env: Readonly<Record<string, string>>) => string;
  /** Its program has ended. Idempotent. */
  close(): void;
}

export interface Enforcement {
  /** Undefined: the kernel does not keep them. */
  open(name: string, limits: readonly WatchedLimit[]): Promise<Confinement | undefined>;
  /** Whether the kernel keeps this limit of the run that was opened last. */
  readonly keeps: (name: string, kind: WatchedKind) => boolean;
  readonly close: () => Promise<void>;
}

interface Confined {
  readonly name: string;
  limits: readonly WatchedLimit[];
  readonly told: { memory: number; processes: number };
  readonly directory: string | undefined;
  readonly change: (limits: readonly WatchedLimit[]) => Promise<void> | void;
}

const LOOK_EVERY_MS = 1000;

export function createEnforcement(options: EnforcementOptions): Enforcement {
  const { system, clock, record, limitsOf } = options;
  const confined = new Set<Confined>();
  let groups: Promise<ControlGroups> | undefined;
  let isTold = false;
  let count = 0;
  let stopLooking: (() => void) | undefined;

  const refuse = (reason: string): void => {
    if (!isTold) options.refused(reason);
    isTold = true;
  };

  const tellKept = (one: Confined): void => {
    if (one.directory === undefined) return;
    const counts = system.countsOf(one.directory);
    for (const kind of ['memory', 'processes'] as const) {
      const more = counts[kind] - one.told[kind];
      const limit = one.limits.find((other) => other.kind === kind);
      // A program that tries again and again is told of once.
      if (more <= 0 || limit === undefined || (kind === 'processes' && one.told.processes > 0)) continue;
      one.told[kind] = counts[kind];
      record(one.name, { type: 'limit-kept', limit: kind, max: limit.max, count: more });
    }
  };

  const look = (): void => {
    stopLooking = confined.size === 0 ? undefined : clock.after(LOOK_EVERY_MS, look);
    for (const one of confined) {
      tellKept(one);
      const limits = limitsOf(one.name);
      if (limits === one.limits || isSame(limits, one.limits)) continue;
      const changes = changedLimits(one.limits, limits);
      one.limits = limits;
      void Promise.resolve(one.change(changes)).catch((error: unknown) => refuse((error as Error).message));
    }
    void groups?.then((known) => known.removeEmpty());
  };

  /** `leave`: what is left to do when its program has ended. */
  const begin = (
    one: Pick<Confined, 'name' | 'limits' | 'directory' | 'change'>,
    confine: Confinement['confine'],
    leave: () => void = () => undefined,
  ): Confinement => {
    const own: Confined = { ...one, told: { memory: 0, processes: 0 } };
    confined.add(own);
    stopLooking ??= clock.after(LOOK_EVERY_MS, look);
    return {
      confine,
      close() {
        if (!confined.delete(own)) return;
        tellKept(own);
        leave();
      },
    };
  };

  const openGroup = async (name: string, limits: readonly WatchedLimit[]): Promise<Confinement> => {
    const known = await (groups ??= system.openGroups());
    const directory = known.make(groupName(name, (count += 1)), limits);
    return begin(
      { name, limits, directory, change: (changes) => known.change(directory, changes) },
      (script) => inGroup(directory, script),
      () => known.remove(directory),
    );
  };

  const openScope = (name: string, limits: readonly WatchedLimit[]): Confinement => {
    const unit = `${system.unitPrefix}-${groupName(name, (count += 1))}.scope`;
    return begin(
      {
        ...{ name, limits, directory: system.directoryOfUnit(unit) },
        change: (changes) => system.setProperties(unit, unitProperties(changes)),
      },
      (script, env) => inScope({ manager: system.manager, unit, limits }, script, system.shellFor(env)),
    );
  };

  return {
    async open(name, limits) {
      try {
        const way = await findWay(system, limits);
        if (way.by === 'none') {
          refuse(way.why);
          return undefined;
        }
        return way.by === 'group' ? await openGroup(name, limits) : openScope(name, limits);
      } catch (error) {
        refuse((error as Error).message);
        return undefined;
      }
    },
    keeps: (name, kind) =>
      [...confined].some((one) => one.name === name && one.limits.some((limit) => limit.kind === kind)),
    async close() {
      stopLooking?.();
      await (await groups?.catch(() => undefined))?.close();
    },
  };
}

/** Scopes are tried only where there is no other way. */
export async function findWay(
  system: Pick<ControlGroupSystem, 'ownGroup' | 'scopes'>,
  limits: readonly WatchedLimit[],
): Promise<Way> {
  const needed = controllersFor(limits);
  const group = await system.ownGroup();
  const isPossible = groupRefusal(needed, group) === undefined;
  return wayTo(needed, { group, scopes: isPossible ? { why: '' } : await system.scopes() });
}

const isSame = (a: readonly WatchedLimit[], b: readonly WatchedLimit[]): boolean =>
  a.length === b.length && a.every((one, at) => one.kind === b[at]?.kind && one.max === b[at].max);
