import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { Exit, Refusal } from '../core/process/exit.ts';
import type { StageEnds } from './pipelines.ts';

/** The workers of pools in procsup.yaml, which are instances of the fleet: what becomes of their runs. */
export interface PoolWorkers {
  /** The pipes for the tasks and answers of its next run: what it gets is its own to release. */
  open(instance: InstanceSpec, root: string): Promise<StageEnds | Refusal>;
  /** The run that they were opened for lives, and can be given tasks. */
  began(instance: InstanceSpec, pid: number): void;
  /** Or it was not started. */
  refused(instance: InstanceSpec, exit: Exit): void;
  /** It is to stop: it gets no more tasks, and the end of its stdin. Calls `over` when it is to get a signal. */
  finish(name: string, ms: number, over: () => void): void;
  /** Its program has ended; `wasStopped`: on request. */
  ended(name: string, exit: Exit, wasStopped: boolean): void;
}
