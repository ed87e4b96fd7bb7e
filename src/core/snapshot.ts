/**
 * The public state of instances: `ps`, `top`, `--json` and the API all use this shape, so they cannot disagree. The
 * field names are public.
 */
import type { InstanceSpec } from './plan/app-spec.ts';
import type { Awaited } from './plan/process-plan.ts';
import { newMember, type FleetState, type Member, type MemberSpec } from './fleet/state.ts';
import { awaitedBy } from './fleet/awaited.ts';
import { isFailure } from './process/exit.ts';
import { endOf, isAlive, NEW_PROCESS, pidOf, type Phase } from './process/state.ts';
import { publicExitOf, type PublicExit } from './process/public-exit.ts';
import { isLeftAlone } from './fleet/stages.ts';
import type { KeptSocket } from './sockets/socket-plan.ts';
import type { MemoryKind } from './tree-memory.ts';
import type { Usage } from './usage.ts';

/**
 * `waiting`: to run as soon as its needs are met and its caps have room. `stopped`: not asked to run. `backoff`: ended, and waits for its restart.
 * `exited`, `failed`: ended for good.
 */
export type PublicState =
  'waiting' | 'starting' | 'running' | 'stopping' | 'stopped' | 'backoff' | 'exited' | 'failed';

export interface InstanceSnapshot {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly process: string;
  /** 1 for the first. */
  readonly instance: number;
  readonly state: PublicState;
  /** It is ready; a task has succeeded. */
  readonly ready: boolean;
  /** What it waits for, only while it is `waiting`. */
  readonly waitsFor?: readonly Awaited[];
  /** Seconds since it began to wait, to the millisecond, only while it is `waiting`. */
  readonly waited?: number;
  /** Of the program that runs, else null. */
  readonly pid: number | null;
  /** Percent of one core, of the whole process tree; null where nothing runs or nothing could be measured. */
  readonly cpu: number | null;
  /** Bytes of the whole process tree; null as for `cpu`. */
  readonly memory: number | null;
  /** `pss`: what its processes share counts once; `rss`: that is not known, and it counts for each. null as for `cpu`. */
  readonly memoryKind: MemoryKind | null;
  /** Seconds since the program was started, to the millisecond; null where nothing runs. */
  readonly uptime: number | null;
  /** How often it was brought back by its restart policy since it was last started on request. */
  readonly restarts: number;
  readonly port: number;
  /** The TCP ports on which its process tree really listens, where that was asked for; null if it is not known. */
  readonly listening?: readonly number[] | null;
  /** The sockets that are kept open for it; missing where there are none. */
  readonly sockets?: readonly KeptSocket[];
  /** It is down, and the next client of its sockets starts it. */
  readonly onDemand?: true;
  /** What it lacks to be ready, in words; missing where it is ready, or where that is not being found out. */
  readonly notReady?: string;
  /** When it is started next by its schedule, as an ISO time; missing where it has none. */
  readonly next?: string;
  /** In a rolling restart: the new run, which starts or has failed, or the old one, which is being stopped. */
  readonly otherRun?: {
    readonly is: 'new' | 'old';
    readonly pid: number | null;
    readonly state: 'starting' | 'stopping';
  };
  /** How its last run ended, or why it cannot run; null while it lives, and before the first. */
  readonly exit: PublicExit | null;
  /** The user's own words. */
  readonly command: string;
}

/** The part of the fleet's state that is shown. */
export interface SnapshotSource extends Pick<FleetState, 'spec' | 'tallies' | 'caps'> {
  readonly members: { get(name: string): Member | undefined };
}

/** In the order of `instances`. `usage` is by instance; `now` is in milliseconds, of the clock that the fleet goes by. */
export function snapshotOf(
  fleet: SnapshotSource,
  instances: Iterable<InstanceSpec>,
  usage: ReadonlyMap<string, Usage>,
  now: number,
): readonly InstanceSnapshot[] {
  return Array.from(instances, (instance) => snapshot(instance, fleet, usage.get(instance.name), now));
}

function snapshot(
  { name, process, instance, port, command }: InstanceSpec,
  fleet: SnapshotSource,
  usage: Usage | undefined,
  now: number,
): InstanceSnapshot {
  const member = fleet.members.get(name) ?? UNKNOWN;
  const spec = fleet.spec.byName.get(name);
  const { process: state, waitingSince } = member;
  const { phase, restarts } = state;
  const isThere = phase.name === 'clearing' || pidOf(phase) !== null;
  const exit = isAlive(phase) ? null : endOf(state);
  return {
    name,
    process,
    instance,
    state: publicStateOf(member),
    ready: isReady(phase, spec?.isTask === true),
    ...(spec !== undefined && waitingSince !== null && waitOf(fleet, spec, now - waitingSince)),
    pid: pidOf(phase),
    cpu: isThere ? (usage?.cpu ?? null) : null,
    memory: isThere ? (usage?.memory ?? null) : null,
    memoryKind: isThere ? (usage?.memoryKind ?? null) : null,
    uptime: 'since' in phase ? Math.round(now - phase.since) / 1000 : null,
    restarts,
    port,
    exit: exit && publicExitOf(exit),
    command,
  };
}

const UNKNOWN = newMember({ run: NEW_PROCESS.run, timer: NEW_PROCESS.timer });

function waitOf(
  fleet: SnapshotSource,
  spec: MemberSpec,
  ms: number,
): Required<Pick<InstanceSnapshot, 'waitsFor' | 'waited'>> {
  return { waitsFor: awaitedBy(fleet, spec), waited: Math.round(ms) / 1000 };
}

function isReady(phase: Phase, isTask: boolean): boolean {
  if (phase.name === 'running') return phase.ready;
  return isTask && phase.name === 'exited' && !isFailure(phase.exit);
}

function publicStateOf(member: Member): PublicState {
  const { phase } = member.process;
  if (member.waitingSince !== null) return 'waiting';
  return isLeftAlone(member) ? stateOfLeftAlone(phase) : publicState(phase);
}

/** To end by itself, when that was asked for, is a stop all the same. */
function stateOfLeftAlone(phase: Phase): PublicState {
  if (phase.name === 'running') return 'stopping';
  return phase.name === 'exited' ? 'stopped' : publicState(phase);
}

function publicState({ name }: Phase): PublicState {
  if (name === 'idle') return 'stopped';
  return name === 'clearing' || name === 'ending' ? 'stopping' : name;
}
