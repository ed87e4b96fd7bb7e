/** Looks at the stages of a pipeline while they run, seldom: what they did is known in the end, but for their memory. */
import { statusOf } from '../core/exit.ts';
import { createStageMeter } from '../os/stage-io.ts';
import type { Clock } from '../ports.ts';
import type { StageEnd } from '../runtime/run-pipeline.ts';
import type { StageReport } from '../ui/stages-text.ts';

export interface StageSampling {
  /** To be called by the pipeline, in the turn in which it hears of it. */
  readonly onSpawned: (stage: number, pid: number) => void;
  readonly onEnded: (stage: number) => void;
  /** When all have ended. Looks no more then. */
  reports(commands: readonly string[], ends: readonly StageEnd[]): Promise<readonly StageReport[]>;
}

const FIRST_LOOK_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** There must be no other children of ours that end while the stages run. */
export function createStageSampling(clock: Clock): StageSampling {
  const meter = createStageMeter({ hasNoOtherChildren: true });
  const pids = new Map<number, number>();
  let cancel = (): void => undefined;

  const lookAfter = (ms: number): void => {
    cancel = clock.after(ms, () => {
      meter?.sample();
      lookAfter(Math.min(LONGEST_PAUSE_MS, ms * 2));
    });
  };

  return {
    onSpawned(stage, pid) {
      if (meter === undefined) return;
      if (pids.size === 0) lookAfter(FIRST_LOOK_MS);
      pids.set(stage, pid);
      meter.add(pid);
    },
    onEnded(stage) {
      const pid = pids.get(stage);
      if (pid !== undefined) meter?.ended(pid);
    },
    async reports(commands, ends) {
      cancel();
      await new Promise<void>((resolve) => void clock.after(0, resolve));
      const figures = meter?.figures();
      meter?.close();
      return ends.map(({ pid, exit, startedAtMs, endedAtMs }, index) => {
        const known = pid === null ? undefined : figures?.get(pid);
        return {
          ...{ command: commands[index] ?? '', pid, status: statusOf(exit) },
          wallMs: startedAtMs === null ? 0 : endedAtMs - startedAtMs,
          cpuMs: known?.cpuMs ?? null,
          peakMemoryBytes: known?.peakMemoryBytes ?? null,
          readBytes: known?.readBytes ?? null,
          writtenBytes: known?.writtenBytes ?? null,
          isApproximate: known?.isApproximate ?? false,
        };
      });
    },
  };
}
