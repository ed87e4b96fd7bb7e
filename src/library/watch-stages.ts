/**
 * Looks at stages while they run. Our caller may have other children, so what the kernel adds to our own account when one
 * is reaped (`os/stage-io.ts`) says nothing here: what was seen last is all that is known.
 */
import { createStageMeter, type StageFigures } from '../os/stage-io.ts';
import type { Clock } from '../ports.ts';

export interface StagesWatch {
  readonly onSpawned: (stage: number, pid: number) => void;
  readonly onEnded: (stage: number) => void;
  /** By pid. Looks no more then. */
  end(): ReadonlyMap<number, StageFigures>;
}

const FIRST_LOOK_MS = 5;
const LONGEST_PAUSE_MS = 250;

/** undefined where /proc does not tell. */
export function watchStages(clock: Clock): StagesWatch | undefined {
  const meter = createStageMeter();
  if (meter === undefined) return undefined;
  const pids = new Map<number, number>();

  let cancel = (): void => undefined;
  const lookAfter = (ms: number): void => {
    cancel = clock.after(ms, () => {
      meter.sample();
      lookAfter(Math.min(LONGEST_PAUSE_MS, ms * 2));
    });
  };

  return {
    onSpawned(stage, pid) {
      if (pids.size === 0) lookAfter(FIRST_LOOK_MS);
      pids.set(stage, pid);
      meter.add(pid);
    },
    onEnded(stage) {
      const pid = pids.get(stage);
      if (pid !== undefined) meter.ended(pid);
    },
    end() {
      cancel();
      const figures = meter.figures();
      meter.close();
      return new Map([...figures].map(([pid, one]) => [pid, honest(one)]));
    },
  };
}

/** Of a zombie no memory was seen, which is not none. */
const honest = (figures: StageFigures): StageFigures => ({
  ...figures,
  peakMemoryBytes: figures.peakMemoryBytes === 0 ? null : figures.peakMemoryBytes,
});
