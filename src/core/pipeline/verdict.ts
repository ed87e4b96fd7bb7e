import { STATUS, statusOf, type Exit } from '../process/exit.ts';
import { SIGNAL_NUMBERS } from '../process/signals.ts';

const SIGPIPE_STATUS = 128 + SIGNAL_NUMBERS.SIGPIPE;

export interface PipelineVerdict {
  /** As a shell with `pipefail` would report it, but for stages whose reader had finished. */
  readonly status: number;
  /** The stage that decided it, from 0; null when all went well. */
  readonly decidedBy: number | null;
}

/**
 * The status of a pipeline from the exits of its stages: that of the rightmost failed stage, or 0.
 * `lastOnly`: that of the last one, whatever became of the others.
 */
export function pipelineVerdict(exits: readonly Exit[], { lastOnly = false } = {}): PipelineVerdict {
  for (let index = exits.length - 1; index >= 0; index -= 1) {
    const exit = exits[index];
    if (exit !== undefined && stageFailed(exit, index === exits.length - 1)) {
      return { status: statusOf(exit), decidedBy: index };
    }
    if (lastOnly) break;
  }
  return { status: STATUS.success, decidedBy: null };
}

/**
 * A stage that SIGPIPE ended, or whose shell says so (141), has not failed if another stage was to read what it wrote:
 * that one had read enough. Which of the two ended first is not asked: the system does not say so reliably, and a
 * reader may close its stdin and keep running. The last stage writes to a reader outside, which should be reported.
 */
function stageFailed(exit: Exit, isLast: boolean): boolean {
  const status = statusOf(exit);
  return status !== STATUS.success && (isLast || status !== SIGPIPE_STATUS);
}
