import { statusOf } from '../../core/process/exit.ts';
import { pipelineVerdict } from '../../core/pipeline/verdict.ts';
import { publicExitOf } from '../../core/process/public-exit.ts';
import type { StageFigures } from '../../os/proc/stage-io.ts';
import type { StageEnd } from '../../runtime/run-pipeline.ts';
import type { PipeResult } from './options.ts';

export interface PipeParts {
  /** One for each end. */
  readonly commands: readonly string[];
  readonly ends: readonly StageEnd[];
  /** By pid. */
  readonly figures: ReadonlyMap<number, StageFigures> | undefined;
  readonly stdout: Buffer | null;
  readonly stderr: Buffer | null;
  /** By the monotonic clock, as the times of the ends. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The wall clock time at `endedAtMs`. */
  readonly wallMs: number;
}

export function pipeResultOf(parts: PipeParts): PipeResult {
  const { commands, ends, figures, stdout, stderr, startedAtMs, endedAtMs, wallMs } = parts;
  const dateOf = (ms: number): Date => new Date(wallMs - (endedAtMs - ms));
  const { status, decidedBy } = pipelineVerdict(ends.map(({ exit }) => exit));
  return {
    ...{ status, decidedBy },
    stages: ends.map(({ pid, exit, startedAtMs: begunMs, endedAtMs: overMs }, at) => ({
      command: commands[at] ?? '',
      pid,
      exit: publicExitOf(exit),
      status: statusOf(exit),
      startedAt: begunMs === null ? null : dateOf(begunMs),
      durationMs: begunMs === null ? 0 : overMs - begunMs,
      figures: (pid === null ? undefined : figures?.get(pid)) ?? null,
    })),
    ...{ stdout, stderr },
    startedAt: dateOf(startedAtMs),
    durationMs: endedAtMs - startedAtMs,
  };
}
