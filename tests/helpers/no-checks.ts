import type { RunChecks } from '../../src/runtime/checks.ts';

/** For those whose processes are ready as soon as they run. */
export const NO_CHECKS: RunChecks = {
  open: () => undefined,
  start: () => undefined,
  stop: () => undefined,
  missing: () => undefined,
  close: () => undefined,
};
