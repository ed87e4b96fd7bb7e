/** What a running supervisor knows of its project, beside what it runs. */
import type { AppSpec } from '../core/app-spec.ts';
import type { PlanInput } from '../core/plan-app.ts';
import type { PreviousEnd } from '../core/supervisor-notice.ts';
import type { Claim } from '../os/project-lock.ts';
import type { Places } from '../os/places.ts';
import type { AppOptions } from './load-app.ts';
import type { StartSettings } from './settings.ts';

export interface Project {
  readonly places: Places;
  readonly claim: Claim;
  readonly settings: StartSettings;
  /** From which the files are read again. */
  readonly options: AppOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly app: AppSpec;
  readonly input: PlanInput;
  readonly previous: readonly PreviousEnd[];
}
