/**
 * What the user says about one process, in the Procfile or in procsup.yaml. Both files are read into lists of plans
 * (`config/`), and everything after that works on plans only: formation, ports, instances, environments, the difference
 * that a reload makes, `check`, and the members of the fleet.
 *
 * A plan holds what was said and nothing else. An optional field that is missing was left open, and `defaults.ts` fills
 * it in. So two plans for one process (its line in the Procfile, its entry in procsup.yaml) can be merged by spreading
 * one over the other.
 *
 * To add a key to procsup.yaml: its shape in `config/schema/`, its reading in `config/entries/process-entry.ts`, its words in
 * `resolved.ts`, a field here, and the code that acts on the field. If
 * only the supervisor acts on it, that is `core/fleet/member-of.ts`; the runtime finds the plan in `InstanceSpec.plan`.
 */
import type { KernelLimits, LimitsPlan, WatchedLimit } from '../limits/limits.ts';
import type { HealthPlan, ReadyPlan } from '../check/check.ts';
import type { Framing } from '../pool/framing.ts';
import type { Place } from '../problem.ts';
import type { RestartPolicy } from '../process/restart-policy.ts';
import type { SocketPlan } from '../sockets/socket-plan.ts';
import type { SignalName } from '../process/signals.ts';
import { scriptFor } from '../shell/command.ts';

export type ProcessPlan = ServicePlan | StagePlan;

interface CommonPlan {
  /** `web`; of a stage `ingest/parse` or `ingest/2`. Unique. */
  readonly name: string;
  /** Where the user wrote it: the name of a process, or the stage in its list. */
  readonly place: Place;
  /** The user's own words. */
  readonly command: string;
  /** What `/bin/sh -c` gets: the command, with the shell replaced by the program where that is safe. */
  readonly script: string;
  /** Variables for this process only. They override those of the environment files; undefined takes one away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Those of its own environment files, which `environment` overrides. They may be secret. */
  readonly fileVariables?: Readonly<Record<string, string>>;
  readonly needs: readonly Need[];
  readonly restart?: Partial<RestartPolicy>;
  /** Exit statuses that are no failure, beside 0. */
  readonly successStatus?: readonly number[];
  readonly stop?: StopPlan;
  readonly stdin?: StdinKind;
  /** It has a terminal of its own. */
  readonly tty?: boolean;
  /** Absolute. Default: the root. */
  readonly workingDir?: string;
  /** Where each key was said, by its name in procsup.yaml. */
  readonly saidAt?: Readonly<Record<string, Place>>;
}

/** `open`: a pipe that does not end, and to which clients can write. `null`: /dev/null. */
export type StdinKind = 'open' | 'null';

/** A process that has instances. A service is meant to go on running, a task to end by itself. */
export interface ServicePlan extends CommonPlan {
  readonly kind: 'service' | 'task';
  /** How many, unless the formation says otherwise. */
  readonly instances: number;
  /** Default: `core/check/usual.ts` decides by name and command. */
  readonly ready?: ReadyPlan;
  /** A line of its output that matches means that its start has failed. */
  readonly failLog?: string;
  readonly health?: HealthPlan;
  readonly limits?: LimitsPlan;
  readonly hooks?: HooksPlan;
  /** What its end means for the run. Default: that of the command line. */
  readonly onExit?: 'keep' | 'stop' | 'stop-on-failure';
  /** Ports that it listens on, beside its PORT. */
  readonly ports?: readonly number[];
  /** Sockets that procsup opens and keeps for it: descriptors from 3 on, in this order. */
  readonly listen?: readonly SocketPlan[];
  /** A restart of it stops a run that is ready when its successor is. */
  readonly rolling?: boolean;
  /** Of Compose: started only with `--profile`, when it is named, or when it is needed. */
  readonly profiles?: readonly string[];
  /** `false`: started only when that is asked for. `on-demand`: by the first client of its sockets. */
  readonly autostart?: boolean | 'on-demand';
  /** It is stopped when its sockets have had no client for so long, and started by the next one. */
  readonly idleMs?: number;
  readonly schedule?: SchedulePlan;
  /** `off`: nothing, whatever holds for all. */
  readonly watch?: WatchPlan | 'off';
  /** The caps that each instance uses while it is up. */
  readonly uses?: readonly CapUse[];
  /** Its instances are workers: they read tasks from stdin, and answer on stdout. */
  readonly pool?: PoolPlan;
}

/** What holds for the workers of a pool and their tasks. */
export interface PoolPlan {
  readonly framing: Framing;
  /** A worker that was given so many tasks is replaced; Infinity: never. */
  readonly recycleAfter: number;
  /** One that takes more is replaced when it has answered; Infinity: no limit. */
  readonly maxMemoryBytes: number;
  /** How often a task is tried again that a worker has died of, or that has timed out. */
  readonly retries: number;
  /** Of one task; Infinity: none. */
  readonly timeoutMs: number;
  /** The queue whose messages are tasks for it. */
  readonly queue?: string;
  /** The caps that each task uses while it is carried out. */
  readonly uses: readonly CapUse[];
}

/** Commands at the turns of a run's life, each run as the process itself would be. */
export interface HooksPlan {
  readonly preStart?: HookPlan;
  readonly postStart?: HookPlan;
  readonly preStop?: HookPlan;
  readonly postStop?: HookPlan;
}

export interface HookPlan {
  readonly command: string;
  readonly timeoutMs: number;
}

/** When it is started, over and over. */
export interface SchedulePlan {
  /** A cron expression of five fields, or of six with seconds. */
  readonly cron: string;
  /** IANA name, such as Europe/Berlin. Default: that of the machine. */
  readonly timeZone?: string;
  /** While its last run lives: leave this one out, start it after that one's end, or stop that one for it. */
  readonly overlap: 'skip' | 'queue' | 'replace';
}

/** Which files it is that matter to it, and what is done when they change. */
export interface WatchPlan {
  /** Files, directories and globs, as written by the user: relative to the root. */
  readonly paths: readonly string[];
  /** Beside the usual list, from which `!pattern` takes back. */
  readonly ignore: readonly string[];
  readonly action: WatchAction;
  readonly debounceMs: number;
  /** What the repository ignores is left out. */
  readonly gitignore: boolean;
  /** Look so often instead of being told by the system. */
  readonly pollMs?: number;
}

export type WatchAction =
  | { readonly kind: 'restart' }
  | { readonly kind: 'signal'; readonly signal: SignalName }
  /** The process runs on. */
  | { readonly kind: 'command'; readonly command: string };

/** One command of a pipeline. It runs once. */
export interface StagePlan extends CommonPlan {
  readonly kind: 'stage';
  readonly pipeline: string;
  /** `|&`: its stderr goes where its stdout goes. */
  readonly joinsStderr: boolean;
  /** How long it may go on reading what is left when the pipeline is stopped. */
  readonly drainMs?: number;
}

/** What must be true of every instance of another process before this one is started. */
export interface Need {
  readonly process: string;
  readonly until: 'started' | 'ready' | 'succeeded';
  /**
   * What happens to this one, while it runs, when a run of the needed one ends or is stopped. `keep`: nothing. `restart`:
   * it is stopped, and started when its needs are met again. `stop`: it is stopped. Default: `keep`.
   */
  readonly onRestart?: 'keep' | 'restart' | 'stop';
  /** `false`: it is waited for as long as it can come about, and then this one is started without. Default: true. */
  readonly required?: boolean;
}

/** An amount of a cap that an instance uses while it is up. */
export interface CapUse {
  readonly cap: string;
  /** A whole number, 1 or more. */
  readonly amount: number;
}

/** A named amount that processes, pools and tasks use together. */
export interface CapSpec {
  readonly name: string;
  /** What would go beyond it waits. */
  readonly soft: number;
  /** What would go beyond it, with all that wait, is refused. Infinity: nothing is. */
  readonly hard: number;
}

/** What a process waits for at the moment: its needs, and when they are met, room in its caps. */
export type Awaited = AwaitedNeed | AwaitedCap;

export type AwaitedNeed = Pick<Need, 'process' | 'until'>;

export interface AwaitedCap {
  readonly cap: string;
  /** The names of those that use it. */
  readonly usedBy: readonly string[];
}

export interface StopPlan {
  readonly signal?: SignalName;
  /** How long it may take before it is killed. */
  readonly timeoutMs?: number;
  /** Run before the first signal, with PROCSUP_PID. */
  readonly command?: string;
  /** Who gets the first signal: the whole process group, or the first process only. Default: `group`. */
  readonly target?: 'group' | 'main';
}

/** The plan of a process of which only the command is known. */
export function servicePlan(name: string, command: string, place: Place): ServicePlan {
  const script = scriptFor(command);
  return { ...NOTHING_SAID, kind: 'service', name, place, command, script, instances: 1 };
}

/** The plan of a stage; `name` is its name within the pipeline. */
export function stagePlan(
  pipeline: string,
  name: string,
  given: Pick<StagePlan, 'command' | 'script' | 'joinsStderr' | 'place' | 'restart' | 'drainMs'>,
): StagePlan {
  return { ...NOTHING_SAID, kind: 'stage', name: `${pipeline}/${name}`, pipeline, ...given };
}

const NOTHING_SAID = { environment: {}, needs: [] } as const;

/** What has one name on the command line and one place among all: a process, or a pipeline with all its stages. */
export type PlanGroup = {
  /** `web`, `ingest` */
  readonly name: string;
  /** From 0: decides PORT and colour. */
  readonly index: number;
} & (
  | { readonly kind: 'process'; readonly plan: ServicePlan }
  | { readonly kind: 'pipeline'; readonly stages: readonly StagePlan[] }
);

/** In the order of the plans. The stages of a pipeline stand together. */
export function groupsOf(plans: readonly ProcessPlan[]): readonly PlanGroup[] {
  const groups: PlanGroup[] = [];
  let stages: StagePlan[] = [];
  for (const plan of plans) {
    const index = groups.length;
    if (plan.kind !== 'stage') {
      groups.push({ kind: 'process', name: plan.name, index, plan });
    } else if (stages[0]?.pipeline === plan.pipeline) {
      stages.push(plan);
    } else {
      stages = [plan];
      groups.push({ kind: 'pipeline', name: plan.pipeline, index, stages });
    }
  }
  return groups;
}

export const isService = (plan: ProcessPlan): plan is ServicePlan => plan.kind !== 'stage';

export const poolOf = (plan: ProcessPlan | undefined): PoolPlan | undefined =>
  plan === undefined || plan.kind === 'stage' ? undefined : plan.pool;

export const socketsOf = (plan: ProcessPlan | undefined): readonly SocketPlan[] =>
  (plan as Partial<ServicePlan> | undefined)?.listen ?? [];

export const isOnDemand = (plan: ProcessPlan): boolean =>
  (plan as Partial<ServicePlan>).autostart === 'on-demand';

/** While it is down the clients of its sockets start it, unless it was stopped on request. */
export const awaitsClients = (plan: ProcessPlan): boolean =>
  isOnDemand(plan) || (plan as Partial<ServicePlan>).idleMs !== undefined;

/** Those that we look at. */
export const limitsOf = (plan: ProcessPlan | undefined): readonly WatchedLimit[] =>
  plan === undefined || plan.kind === 'stage' ? [] : (plan.limits?.watched ?? []);

/** Those of them that a control group is to keep: a warning is for us to give. */
export const enforcedOf = (plan: ProcessPlan | undefined): readonly WatchedLimit[] =>
  plan === undefined || plan.kind === 'stage' || plan.limits?.enforce !== true
    ? []
    : plan.limits.watched.filter(({ action }) => action !== 'warn');

/** Those that the kernel keeps from the start of the program; undefined: none. */
export function kernelLimitsOf(plan: ProcessPlan): KernelLimits | undefined {
  const kernel = plan.kind === 'stage' ? undefined : plan.limits?.kernel;
  return kernel === undefined || Object.keys(kernel).length === 0 ? undefined : kernel;
}

export const isKernelLimited = (plan: ProcessPlan): boolean =>
  kernelLimitsOf(plan) !== undefined || enforcedOf(plan).length > 0;

export const scheduleOf = (plan: ProcessPlan | undefined): SchedulePlan | undefined =>
  plan === undefined || plan.kind === 'stage' ? undefined : plan.schedule;

export const watchOf = (plan: ProcessPlan | undefined): WatchPlan | undefined =>
  plan === undefined || plan.kind === 'stage' || plan.pool !== undefined || plan.watch === 'off'
    ? undefined
    : plan.watch;
