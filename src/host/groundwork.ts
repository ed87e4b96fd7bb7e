/**
 * What the first processes cannot be started without: the guardian, and the pipes that it makes in the background. It is
 * begun first, so that something else can be done meanwhile.
 */
import type { AppSpec } from '../core/plan/app-spec.ts';
import { createPipePool, type PipePool } from '../os/pipes/pool.ts';
import { removeSharedMemory, sharedMemoryDirectory } from '../os/files/shared-memory-place.ts';
import { createGuardian, type Guardian } from '../os/process/guardian.ts';
import { createDescriptorReserve, type DescriptorReserve } from '../os/process/descriptor-reserve.ts';
import { pipesNeeded } from './descriptor-needs.ts';
import type { HostOptions } from './options.ts';

export interface Groundwork {
  /** The run tag of everything that is started. */
  readonly runTag: string;
  readonly pipes: PipePool;
  /** The directory of shared memory, which need not exist. */
  readonly memory: string;
  readonly guardian: Guardian;
  /** Descriptors for our own work. */
  readonly reserve: DescriptorReserve;
  /** The guardian is gone for good. */
  readonly guardianIsLost: boolean;
  /** Takes the place of an earlier listener. */
  onGuardianLost(listener: () => void): void;
  close(): Promise<void>;
}

/** Throws the system's error where it refuses pipes or a directory for them. */
export function layGroundwork(app: AppSpec, options: HostOptions, runTag: string): Groundwork {
  const reserve = createDescriptorReserve();
  const pipes = createPipePool(pipesNeeded(app, options));
  const memory = sharedMemoryDirectory(runTag);
  let guardianIsLost = false;
  let tell = (): void => undefined;
  const guardian = createGuardian({
    runTag,
    directory: pipes.directory,
    memory,
    fifos: pipes.firstOrder,
    onLost() {
      guardianIsLost = true;
      tell();
    },
  });
  return {
    runTag,
    pipes,
    memory,
    guardian,
    reserve,
    get guardianIsLost() {
      return guardianIsLost;
    },
    onGuardianLost: (listener) => void (tell = listener),
    async close() {
      pipes.close();
      removeSharedMemory(runTag);
      reserve.close();
      await guardian.dismiss();
    },
  };
}
