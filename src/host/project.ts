/** What a running supervisor knows of its project, beside what it runs. */
import type { AppSpec } from '../core/plan/app-spec.ts';
import type { PlanInput } from '../core/plan/plan-app.ts';
import type { PreviousEnd } from '../core/events.ts';
import type { LockOwner } from '../os/files/lock.ts';
import type { Places } from '../os/files/places.ts';
import type { AppOptions } from '../config/load-app.ts';
import type { ReadFile } from '../config/read-files.ts';
import type { HostOptions } from './options.ts';

/** An application that was read, and all that is needed to read it again. */
export interface Application {
  readonly app: AppSpec;
  readonly input: PlanInput;
  /** From which the files are read again. */
  readonly options: AppOptions;
  /** What they contained. */
  readonly files: readonly ReadFile[];
  /** Ours. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** It starts nothing by itself, also when the files are read again. Default: false. */
  readonly whileHeld?: boolean;
}

export interface Project extends Application {
  readonly places: Pick<Places, 'root'>;
  /** Undefined: another supervisor may use it as well. */
  readonly stateDirectory: string | undefined;
  readonly owner: Pick<LockOwner, 'version' | 'mode' | 'socket' | 'since'>;
  readonly settings: HostOptions;
  readonly previous: readonly PreviousEnd[];
  /** About the directories of lock and socket. */
  readonly warnings: readonly string[];
}
