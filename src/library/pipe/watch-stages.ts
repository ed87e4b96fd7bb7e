/**
 * Samples stages while they run. Our caller may have other children, so the totals that the kernel adds to our process
 * when a child is reaped (`os/proc/stage-io.ts`) cannot be used here: the last sample is all that is known.
 */
import { createStageMeter, type StageFigures } from '../../os/proc/stage-io.ts';
import { watchStages } from '../../os/proc/stage-watch.ts';
import type { Clock } from '../../ports/clock.ts';

export interface StagesWatch {
  readonly onSpawned: (stage: number, pid: number) => void;
  readonly onEnded: (stage: number) => void;
  /** Ends the sampling; returns the figures by pid. */
  end(): ReadonlyMap<number, StageFigures>;
}

const PAUSES = { firstMs: 5, longestMs: 250 };

/** undefined without a usable /proc. */
export function createStagesWatch(clock: Clock): StagesWatch | undefined {
  const meter = createStageMeter();
  if (meter === undefined) return undefined;
  const { onSpawned, onEnded, stop } = watchStages(meter, clock, PAUSES);
  return {
    onSpawned,
    onEnded,
    end() {
      stop();
      const figures = meter.figures();
      meter.close();
      return new Map([...figures].map(([pid, one]) => [pid, honest(one)]));
    },
  };
}

/** The memory of a zombie is unknown, not 0. */
const honest = (figures: StageFigures): StageFigures => ({
  ...figures,
  peakMemoryBytes: figures.peakMemoryBytes === 0 ? null : figures.peakMemoryBytes,
});
