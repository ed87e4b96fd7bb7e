/** `procsup pipe --progress`: a live line on stderr if it is a terminal. */
import { isatty } from 'node:tty';
import { pipelineProgress, withLook, type PipelineLook } from '../../core/pipeline/progress.ts';
import type { Pipeline } from '../../core/pipeline/parse.ts';
import { openLiveLine } from '../../os/terminal/live-line.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Theme } from '../../ui/paint.ts';
import { progressLine, stageName } from '../../ui/stages-progress.ts';
import type { StageViewer } from './stage-sampling.ts';

export interface Progress extends StageViewer {
  /** Clears the line before something else is printed. */
  clear(): void;
  /** Removes the line for good. */
  close(): void;
}

/** A little less than the sampling interval, so that timers that fire early do not halve the rate. */
const LEAST_PAUSE_MS = 240;

/** undefined if no live line is wanted: without a terminal on stderr, with CI set, or with TERM=dumb. */
export function showProgress(
  pipeline: Pipeline,
  clock: Clock,
  theme: Theme,
  env: Readonly<Record<string, string | undefined>>,
): Progress | undefined {
  if (!isatty(2) || (env['CI'] ?? '') !== '' || env['TERM'] === 'dumb') return undefined;
  const names = pipeline.map(({ text, words }) => stageName(text, words));
  const line = openLiveLine({ output: process.stderr });
  let looks: readonly PipelineLook[] = [];
  let drawnAtMs = clock.now();
  let isOver = false;

  const close = (): void => {
    isOver = true;
    line.close();
  };

  return {
    stageCount: pipeline.length,
    see({ stages, terminal }) {
      if (isOver) return;
      // Output of the stages must not be mixed with the line.
      if (terminal === 'output') {
        close();
        return;
      }
      const now = clock.now();
      looks = withLook(looks, { atMs: now, stages });
      if (now - drawnAtMs < LEAST_PAUSE_MS) return;
      drawnAtMs = now;
      if (terminal === 'screen') {
        line.clear();
        return;
      }
      line.draw(progressLine(names, pipelineProgress(looks), theme, line.columns - 1));
    },
    clear: () => line.clear(),
    close,
  };
}
