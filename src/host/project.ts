/** What a running supervisor knows of its project, beside what it runs. */
import type { AppSpec } from '../core/plan/app-spec.ts';
import type { PlanInput } from '../core/plan/plan-app.ts';
import type { PreviousEnd } from '../core/events.ts';
import type { Claim } from '../os/files/lock.ts';
import type { Places } from '../os/files/places.ts';
import type { AppOptions } from '../config/load-app.ts';
import type { HostOptions } from './options.ts';

export interface Project {
  readonly places: Places;
  readonly claim: Claim;
  readonly settings: HostOptions;
  /** From which the files are read again. */
  readonly options: AppOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly app: AppSpec;
  readonly input: PlanInput;
  readonly previous: readonly PreviousEnd[];
}
