/** The shells of a run that may need none: they are made with the first job. */
import type { Refusal } from '../core/process/exit.ts';
import type { JobShells } from '../ports/pool.ts';

export interface LateShellsOptions {
  /** Throws the system's error. */
  readonly open: () => JobShells;
  readonly refusalOf: (error: unknown) => Refusal;
}

export function createLateShells({ open, refusalOf }: LateShellsOptions): JobShells {
  let opened: JobShells | undefined;
  let isPaused = false;

  const openNow = (): JobShells => {
    const shells = open();
    if (isPaused) shells.pause();
    return shells;
  };

  return {
    start(slot, job, events) {
      try {
        opened ??= openNow();
      } catch (error) {
        setImmediate(() => events.refused(refusalOf(error)));
        return;
      }
      opened.start(slot, job, events);
    },
    expectStop: (slot) => opened?.expectStop(slot) ?? null,
    abandon: (slot) => opened?.abandon(slot),
    pause() {
      isPaused = true;
      opened?.pause();
    },
    resume() {
      isPaused = false;
      opened?.resume();
    },
    close: async () => opened?.close(),
    release: () => opened?.release?.(),
  };
}
