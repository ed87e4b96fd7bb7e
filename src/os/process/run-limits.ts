/** Gives the programs of each run their number (`core/run-limit.ts`), and tells by it what belongs to a run. */
import { launchLimitOf, instanceNumberIn, runLimitOf, type RunLimit } from '../../core/run-limit.ts';

export interface RunLimits {
  /** Shell code that runs before a program of this run. */
  readonly prelude: (runId: string) => string;
  /** The limit of what carries `runId`. Undefined: such processes cannot be found by it. */
  readonly of: (runId: string) => RunLimit | undefined;
  /** The instance that a limit of this supervisor is of. */
  readonly instanceOf: (limit: string) => string | undefined;
}

/** Of one supervisor. Its launcher and whoever looks for its runs must share it. */
export function createRunLimits(): RunLimits {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    names.push(name);
    numbers.set(name, names.length);
    return names.length;
  };
  return {
    prelude: (runId) => runLimitPrelude(launchLimitOf(runId, numberOf)),
    of: (runId) => runLimitOf(runId, numberOf),
    instanceOf: (limit) => names[instanceNumberIn(limit) - 1],
  };
}

/** For whoever knows nothing but the run tag of a supervisor, or has one run only. */
export const TAG_LIMITS: RunLimits = {
  prelude: (runId) => runLimitPrelude(launchLimitOf(runId)),
  of: (runId) => runLimitOf(runId),
  instanceOf: () => undefined,
};

/**
 * dash and busybox call it `-w`, others `-x`. Where the hard limit is lower, nothing is set. Other systems than Linux have
 * no such limit, and `-w` may be another one there.
 */
function runLimitPrelude(limit: string | undefined): string {
  if (limit === undefined || process.platform !== 'linux') return '';
  return `{ ulimit -Sw ${limit} || ulimit -Sx ${limit}; } 2>/dev/null; `;
}
