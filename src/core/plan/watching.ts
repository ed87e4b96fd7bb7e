/** What is watched where nothing is said, and where the command line says something. */
import { isService, type ProcessPlan, type WatchPlan } from './process-plan.ts';

export const WATCH_DEFAULTS = {
  ...{ ignore: [], action: { kind: 'restart' }, debounceMs: 200, gitignore: false },
} as const satisfies Omit<WatchPlan, 'paths'>;

export const WHOLE_PROJECT: WatchPlan = { ...WATCH_DEFAULTS, paths: ['.'] };

/** `--watch`, `--no-watch`. */
export function withWatch(plans: readonly ProcessPlan[], watch: boolean | undefined): readonly ProcessPlan[] {
  if (watch === undefined) return plans;
  return plans.map((plan) =>
    isService(plan) ? { ...plan, watch: watch ? (plan.watch ?? WHOLE_PROJECT) : 'off' } : plan,
  );
}
