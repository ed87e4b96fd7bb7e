/**
 * Looks at stages while they run. Our caller may have other children, so what the kernel adds to our own account when one
 * is reaped (`os/proc/stage-io.ts`) says nothing here: what was seen last is all that is known.
 */
import { createStageMeter, type StageFigures } from '../os/proc/stage-io.ts';
import { watchStages } from '../os/proc/stage-watch.ts';
import type { Clock } from '../ports/clock.ts';

export interface StagesWatch {
  readonly onSpawned: (stage: number, pid: number) => void;
  readonly onEnded: (stage: number) => void;
  /** By pid. Looks no more then. */
  end(): ReadonlyMap<number, StageFigures>;
}

const PAUSES = { firstMs: 5, longestMs: 250 };

/** undefined where /proc does not tell. */
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

/** Of a zombie no memory was seen, which is not none. */
const honest = (figures: StageFigures): StageFigures => ({
  ...figures,
  peakMemoryBytes: figures.peakMemoryBytes === 0 ? null : figures.peakMemoryBytes,
});
