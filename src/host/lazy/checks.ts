/** The checks of runs: their code is loaded with the first, while the programs start. */
import { hearsFromTheStart, isUsual, livingTime } from '../../core/check/usual.ts';
import type { ProberOptions } from '../../os/check/prober.ts';
import type { Endpoints } from '../../ports/checks.ts';
import type { CheckedRun, RunChecks } from '../../runtime/checks.ts';
import { runIdOf } from '../../runtime/run-id.ts';

/** The first programs run by then. */
const LATER_MS = 250;

const NO_ENDPOINTS: Endpoints = { env: {}, descriptors: [], close: () => undefined };

export function createLazyChecks(options: Omit<ProberOptions, 'loadSockets'>): RunChecks {
  /** By run. */
  const waiting = new Map<string, CheckedRun>();
  /** Of runs that need nothing but time. */
  const timers = new Map<string, () => void>();
  let known: RunChecks | undefined;
  let loading: Promise<RunChecks> | undefined;
  let isClosed = false;

  const load = async (): Promise<RunChecks> => {
    const [{ createRunChecks }, { createProber }] = await Promise.all([
      import('../../runtime/checks.ts'),
      import('../../os/check/prober.ts'),
    ]);
    const prober = await createProber({
      ...options,
      loadSockets: async () => (await import('../../os/pipes/koffi-addon.ts')).loadFastKoffiSockets(),
    });
    known = createRunChecks(prober, options.clock);
    if (isClosed) known.close();
    for (const checked of waiting.values()) known.start(checked);
    waiting.clear();
    return known;
  };
  const loaded = (): Promise<RunChecks> => (loading ??= load());

  const loadForWaiting = (): void => {
    loaded().catch((error: unknown) => {
      // Without its files procsup cannot check anything: nobody is to wait for that in vain.
      for (const { on } of waiting.values()) on.unready(`cannot check it: ${String(error)}`, false);
      waiting.clear();
    });
  };
  const alone = (key: string, ms: number, then: () => void): void => {
    timers.get(key)?.();
    timers.set(key, options.clock.after(ms, then));
  };

  return {
    open(instance) {
      if (!hearsFromTheStart(instance.plan)) return undefined;
      return loaded().then(
        (checks) => checks.open(instance) ?? NO_ENDPOINTS,
        (error: unknown) => ({
          by: 'refusal',
          error: 'ENOTSUP',
          message: `cannot check it: ${String(error)}`,
        }),
      );
    },
    start(checked) {
      const { instance, run, on } = checked;
      const key = runIdOf('', instance.name, run);
      const usualMs = livingTime(instance.plan);
      if (usualMs !== undefined) {
        alone(key, usualMs, () => on.ready());
        return;
      }
      if (known !== undefined) {
        known.start(checked);
        return;
      }
      waiting.set(key, checked);
      // What nobody has asked for must not delay the start of programs.
      if (isUsual(instance.plan)) alone(key, LATER_MS, loadForWaiting);
      else loadForWaiting();
    },
    stop(name, run) {
      const key = runIdOf('', name, run);
      waiting.delete(key);
      timers.get(key)?.();
      timers.delete(key);
      known?.stop(name, run);
    },
    missing: (name) => known?.missing(name),
    close() {
      isClosed = true;
      waiting.clear();
      for (const cancel of timers.values()) cancel();
      known?.close();
    },
  };
}
