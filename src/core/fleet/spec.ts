/** The members of a fleet and what they need, indexed once, so that no event has to search for it. */
import type { StageSpec } from '../plan/app-spec.ts';
import type { CapSpec, CapUse, Need } from '../plan/process-plan.ts';
import type { ProcessSpec } from '../process/state.ts';
import { startOrder, type Needing } from './order.ts';

export type { Need };

export interface MemberSpec extends ProcessSpec {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly process: string;
  readonly needs: readonly Need[];
  /** The caps that it uses while it is up. */
  readonly uses?: readonly CapUse[];
  /** A restart of it is a rolling one, unless the request says otherwise. */
  readonly rolling?: true;
  /** It runs to its end once: its success does not end the run. */
  readonly isTask?: boolean;
  /** What its end means for the run. Default: what holds for all. */
  readonly onExit?: OnExit | 'stop-on-failure';
  /** It is started again and again: while there is such a member, a run is not over when all have ended. */
  readonly isScheduled?: boolean;
  /** When it has ended by itself, a change of its files starts it again: so long the run is not over. */
  readonly awaitsChanges?: boolean;
  /** Its neighbours, if it is a stage of a pipeline; `process` is then the pipeline. */
  readonly stage?: Pick<StageSpec, 'upstream' | 'downstream'>;
}

/** `stop`: the first process that ends for good ends the run. `keep`: the run lasts until all have ended. */
export type OnExit = 'stop' | 'keep';

export interface FleetSpec {
  readonly members: readonly MemberSpec[];
  readonly onExit: OnExit;
  /** A daemon, or one with schedules: the run lasts until it is closed, even when all have ended. */
  readonly resident: boolean;
  readonly byName: ReadonlyMap<string, MemberSpec>;
  /** By name: the place in `members`. */
  readonly places: ReadonlyMap<string, number>;
  /** The processes that others need, and by process its place among them. */
  readonly needed: readonly NeededProcess[];
  readonly neededPlaces: ReadonlyMap<string, number>;
  /** By member: where it counts. */
  readonly counts: readonly Counted[];
  /** In the order of a start, which is that of their first members where needs say nothing; a stop goes the other way. */
  readonly processes: readonly { readonly name: string; readonly places: readonly number[] }[];
  /** By member: the place of its process in `processes`; and by process. */
  readonly ranks: readonly number[];
  readonly rankOf: ReadonlyMap<string, number>;
  /** By pipeline: its stages in their order. */
  readonly pipelines: ReadonlyMap<string, readonly MemberSpec[]>;
  /** By name. */
  readonly caps: ReadonlyMap<string, CapSpec>;
  /** By cap: the names of the members that use it, in their order. */
  readonly capUsers: ReadonlyMap<string, readonly string[]>;
  /** By stage: the stages that have to ask again what they may do when it changes. */
  readonly neighbours: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Places of members: its instances, and by what they wait for those that need it. */
export interface NeededProcess {
  readonly instances: readonly number[];
  readonly dependents: ReadonlyMap<Need['until'], readonly number[]>;
  /** Those of them that do not run on when it ends. */
  readonly followers: readonly Follower[];
}

export interface Follower {
  readonly place: number;
  readonly how: 'restart' | 'stop';
}

export interface Counted {
  /** The place of its process among those that are needed, if it is there. */
  readonly own: number | undefined;
  /** Those of the processes that it needs, one for each need. */
  readonly needs: readonly { readonly needed: number; readonly until: Need['until'] }[];
}

/** Members keep their order; needs must be free of cycles (`startOrder` tells). */
export function fleetSpec(
  members: readonly MemberSpec[],
  onExit: OnExit,
  resident = false,
  caps: readonly CapSpec[] = [],
): FleetSpec {
  const byName = new Map(members.map((member) => [member.name, member]));
  const stages = members.filter(({ stage }) => stage !== undefined);
  return {
    members,
    onExit,
    resident: resident || members.some(({ isScheduled }) => isScheduled === true),
    byName,
    places: new Map(members.map(({ name }, place) => [name, place])),
    ...neededOf(members),
    ...processesOf(members),
    pipelines: grouped(stages, ({ process }) => process),
    neighbours: neighboursOf(stages),
    caps: new Map(caps.map((cap) => [cap.name, cap])),
    capUsers: capUsersOf(members),
  };
}

function processesOf(members: readonly MemberSpec[]): Pick<FleetSpec, 'processes' | 'ranks' | 'rankOf'> {
  const places = new Map<string, number[]>();
  for (const [place, { process }] of members.entries()) addTo(places, process, place);
  const order = startOrder(needsByProcess(members));
  const names = 'names' in order ? order.names : [...places.keys()];
  const rankOf = new Map(names.map((name, rank) => [name, rank]));
  return {
    processes: names.map((name) => ({ name, places: places.get(name) ?? [] })),
    ranks: members.map(({ process }) => rankOf.get(process) ?? -1),
    rankOf,
  };
}

/** Its instances may differ: departing ones have the needs of then. */
export function needsByProcess(members: readonly MemberSpec[]): readonly Needing[] {
  const needs = new Map<string, Need[]>();
  for (const { process, needs: some } of members) {
    const known = needs.get(process);
    if (known === undefined) needs.set(process, [...some]);
    else known.push(...some);
  }
  return [...needs].map(([name, all]) => ({ name, needs: all }));
}

function neededOf(members: readonly MemberSpec[]): Pick<FleetSpec, 'needed' | 'neededPlaces' | 'counts'> {
  const needed: (NeededProcess & {
    readonly instances: number[];
    readonly dependents: Map<Need['until'], number[]>;
    readonly followers: Follower[];
  })[] = [];
  const neededPlaces = new Map<string, number>();
  const placeOf = (process: string): number => {
    const known = neededPlaces.get(process);
    if (known !== undefined) return known;
    neededPlaces.set(process, needed.length);
    return needed.push({ instances: [], dependents: new Map(), followers: [] }) - 1;
  };
  const needs = members.map((member) =>
    member.needs.map(({ process, until }) => ({ needed: placeOf(process), until })),
  );
  const counts = members.map(({ process }, at) => countedAt(neededPlaces.get(process), needs[at] ?? []));
  for (const [place, { own, needs: some }] of counts.entries()) {
    if (own !== undefined) needed[own]?.instances.push(place);
    for (const { needed: at, until } of some) addTo(needed[at]?.dependents, until, place);
    for (const { process: name, onRestart: how = 'keep' } of members[place]?.needs ?? [])
      if (how !== 'keep') needed[placeOf(name)]?.followers.push({ place, how });
  }
  return { needed, neededPlaces, counts };
}

/** Most count nowhere. */
const NOWHERE: Counted = { own: undefined, needs: [] };

const countedAt = (own: Counted['own'], needs: Counted['needs']): Counted =>
  own === undefined && needs.length === 0 ? NOWHERE : { own, needs };

function capUsersOf(members: readonly MemberSpec[]): FleetSpec['capUsers'] {
  const users = new Map<string, string[]>();
  for (const { name, uses = [] } of members) for (const { cap } of uses) addTo(users, cap, name);
  return users;
}

/** A stage goes by those it shares a pipe with. */
function neighboursOf(stages: readonly MemberSpec[]): FleetSpec['neighbours'] {
  const neighbours = new Map<string, Set<string>>();
  for (const { name, stage } of stages) {
    for (const other of [stage?.upstream, stage?.downstream]) {
      if (other === null || other === undefined) continue;
      neighbours.set(other, (neighbours.get(other) ?? new Set()).add(name));
    }
  }
  return neighbours;
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) addTo(groups, keyOf(one), one);
  return groups;
}

function addTo<K, T>(groups: Map<K, T[]> | undefined, key: K, one: T): void {
  const group = groups?.get(key);
  if (group === undefined) groups?.set(key, [one]);
  else group.push(one);
}
