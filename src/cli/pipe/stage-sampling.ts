/** Samples the stages of a pipeline at long intervals: apart from memory, their totals are known at the end. */
import { statusOf } from '../../core/process/exit.ts';
import type { StageLook } from '../../core/pipeline/progress.ts';
import { stageWait, terminalUse } from '../../core/pipeline/stage-wait.ts';
import { createStageMeter, type StageMeter } from '../../os/proc/stage-io.ts';
import { watchStages, type StageWatch } from '../../os/proc/stage-watch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StageEnd } from '../../runtime/run-pipeline.ts';
import type { StageReport } from '../../ui/stages-text.ts';

export interface StageSampling {
  /** To be called by the pipeline in the same turn as the event. */
  readonly onSpawned: (stage: number, pid: number) => void;
  readonly onEnded: (stage: number) => void;
  /** To be called when all stages have exited; ends the sampling. */
  reports(commands: readonly string[], ends: readonly StageEnd[]): Promise<readonly StageReport[]>;
}

export interface StageView {
  /** null: nothing is known about that stage. */
  readonly stages: readonly (StageLook | null)[];
  /** How the terminal is used: `screen` by an interactive stage, `output` by one that writes to it; else null. */
  readonly terminal: 'screen' | 'output' | null;
}

/** Called for each sample. */
export interface StageViewer {
  readonly stageCount: number;
  see(view: StageView): void;
}

const FIRST_LOOK_MS = 10;
const LONGEST_PAUSE_MS = 500;
const LONGEST_PAUSE_WHILE_SEEN_MS = 250;
/** libuv may have written one byte before the program started. */
const NOT_OF_THE_PROGRAM_BYTES = 1;

/** No other child of ours may exit while the stages run. */
export function createStageSampling(clock: Clock, viewer?: StageViewer): StageSampling {
  const meter = createStageMeter({ hasNoOtherChildren: true });
  const pauses = {
    firstMs: FIRST_LOOK_MS,
    longestMs: viewer === undefined ? LONGEST_PAUSE_MS : LONGEST_PAUSE_WHILE_SEEN_MS,
  };
  const watch: StageWatch | undefined =
    meter &&
    watchStages(meter, clock, pauses, () => {
      if (watch !== undefined) viewer?.see(viewOf(meter, watch.pids, viewer.stageCount));
    });

  return {
    onSpawned: (stage, pid) => watch?.onSpawned(stage, pid),
    onEnded: (stage) => watch?.onEnded(stage),
    async reports(commands, ends) {
      watch?.stop();
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

function viewOf(meter: StageMeter, pids: ReadonlyMap<number, number>, stageCount: number): StageView {
  const [figures, members] = [meter.figures(), meter.members()];
  let terminal: StageView['terminal'] = null;
  const stages = Array.from({ length: stageCount }, (_, stage) => {
    const pid = pids.get(stage) ?? 0;
    const [known, processes = null] = [figures.get(pid), members.get(pid)];
    if (known === undefined) return null;
    const { cpuMs, readBytes, writtenBytes } = known;
    const use = terminalUse(processes ?? []);
    if (use === 'screen') terminal = use;
    if (use === 'output' && writtenBytes > NOT_OF_THE_PROGRAM_BYTES) terminal ??= use;
    const wait = stageWait(processes ?? []);
    return { isLiving: processes !== null, wait, cpuMs, readBytes, writtenBytes };
  });
  return { stages, terminal };
}
