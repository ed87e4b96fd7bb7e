import type { Clock } from '../../ports/clock.ts';
import type { StageMeter } from './stage-io.ts';

/** Looks at the stages of a pipeline while they run. */
export interface StageWatch {
  /** Of each stage that was started. */
  readonly pids: ReadonlyMap<number, number>;
  /** To be called in the turn in which it is heard of. */
  readonly onSpawned: (stage: number, pid: number) => void;
  readonly onEnded: (stage: number) => void;
  /** Looks no more. */
  readonly stop: () => void;
}

/** Each pause is twice as long as the one before: what ends soon is seen, and what lasts costs nothing. */
export interface StageWatchPauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

export function watchStages(
  meter: StageMeter,
  clock: Clock,
  { firstMs, longestMs }: StageWatchPauses,
  onLook: () => void = () => undefined,
): StageWatch {
  const pids = new Map<number, number>();
  let cancel = (): void => undefined;

  const lookAfter = (ms: number): void => {
    cancel = clock.after(ms, () => {
      meter.sample();
      onLook();
      lookAfter(Math.min(longestMs, ms * 2));
    });
  };

  return {
    pids,
    onSpawned(stage, pid) {
      if (pids.size === 0) lookAfter(firstMs);
      pids.set(stage, pid);
      meter.add(pid);
    },
    onEnded(stage) {
      const pid = pids.get(stage);
      if (pid !== undefined) meter.ended(pid);
    },
    stop: () => cancel(),
  };
}
