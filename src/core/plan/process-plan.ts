/**
 * What the user says about one process, in the Procfile or in procsup.yaml. Both files are read into lists of plans
 * (`config/`), and everything after that works on plans only: formation, ports, instances, environments, the difference
 * that a reload makes, `check`, and the members of the fleet.
 *
 * A plan holds what was said and nothing else. An optional field that is missing was left open, and `defaults.ts` fills
 * it in. So two plans for one process (its line in the Procfile, its entry in procsup.yaml) can be merged by spreading
 * one over the other.
 *
 * To add a key to procsup.yaml: its shape in `config/schema.ts`, a field here, and the code that acts on the field. If
 * only the supervisor acts on it, that is `core/fleet/member-of.ts`; the runtime finds the plan in `InstanceSpec.plan`.
 */
import type { Place } from '../problem.ts';
import type { RestartPolicy } from '../process/restart-policy.ts';
import type { SignalName } from '../process/signals.ts';
import type { ProcessSpec } from '../process/state.ts';
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
  readonly needs: readonly Need[];
  readonly readiness: ProcessSpec['readiness'];
  readonly restart?: Partial<RestartPolicy>;
  readonly stop?: StopPlan;
  readonly stdin?: StdinKind;
  /** It has a terminal of its own. */
  readonly tty?: boolean;
}

/** `open`: a pipe that does not end, and to which clients can write. `null`: /dev/null. */
export type StdinKind = 'open' | 'null';

/** A process that has instances. A service is meant to go on running, a task to end by itself. */
export interface ServicePlan extends CommonPlan {
  readonly kind: 'service' | 'task';
  /** How many, unless the formation says otherwise. */
  readonly instances: number;
}

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
}

export interface StopPlan {
  readonly signal?: SignalName;
  /** How long it may take before it is killed. */
  readonly timeoutMs?: number;
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

const NOTHING_SAID = { environment: {}, needs: [], readiness: 'started' } as const;

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
