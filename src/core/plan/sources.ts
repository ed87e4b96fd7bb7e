/** The files of a project as they were read: what a plan is made of. */
import type { Place, Problem } from '../problem.ts';
import type { CapSpec, ProcessPlan } from './process-plan.ts';
import type { PoolSettings } from './pools.ts';
import type { QueueSpec } from './queues.ts';
import type { TaskSettings } from '../task/settings.ts';
import type { DefaultSettings, ProcessSettings } from './process-settings.ts';

/** What the Procfile or procsup.yaml says about processes. */
export interface PlanReading {
  /** The path as the user would write it. */
  readonly file: string;
  /**
   * In the order of the file, the stages of pipelines included. A process with errors is in it as well, so that its
   * name is known. Undefined if the file could not be read.
   */
  readonly processes: readonly ProcessPlan[] | undefined;
  /** All pipelines, those without a valid stage included. */
  readonly pipelines: readonly PipelineName[];
  /** Of procsup.yaml: how processes run. Those with a command need no line in the Procfile. */
  readonly settings?: readonly ProcessSettings[];
  /** Of procsup.yaml: what holds for each process that says nothing itself. */
  readonly defaults?: DefaultSettings;
  /** `pools`: those with a valid command. */
  readonly pools?: readonly PoolSettings[];
  /** `caps` */
  readonly caps?: readonly CapSpec[];
  /** `queues` */
  readonly queues?: readonly QueueSpec[];
  /** `tasks` */
  readonly tasks?: readonly TaskSettings[];
  /** `scripts`: those of package.json are tasks. */
  readonly scripts?: boolean;
  /** `port`, where it has the right type. */
  readonly port?: PortSetting;
  /** `env_expand` */
  readonly envExpand?: boolean;
  /**
   * Only where a process has `listen`: what that changes in the plans of all, and what contradicts it. `root`: absolute.
   * Whoever has no sockets does not load the code for them.
   */
  readonly adapt?: (plans: readonly ProcessPlan[], root: string) => AdaptedPlans;
  readonly problems: readonly Problem[];
}

export interface AdaptedPlans {
  readonly plans: readonly ProcessPlan[];
  readonly problems: readonly Problem[];
}

export interface PortSetting {
  readonly text: string;
  readonly place: Place;
}

export interface PipelineName {
  readonly name: string;
  readonly place: Place;
}

/** One environment file, read. */
export interface EnvFile {
  /** The path as the user would write it. */
  readonly file: string;
  readonly text: string;
  /** What it sets. */
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}
