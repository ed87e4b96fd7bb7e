/** The checks of runs: their code is loaded with the first, while the programs start. */
import { hearsFromTheStart } from '../core/check/usual.ts';
import type { ProberOptions } from '../os/check/prober.ts';
import type { Endpoints } from '../ports/checks.ts';
import type { CheckedRun, RunChecks } from '../runtime/checks.ts';

const NO_ENDPOINTS: Endpoints = { env: {}, descriptors: [], close: () => undefined };

export function createLazyChecks(options: Omit<ProberOptions, 'loadSockets'>): RunChecks {
  const waiting = new Map<string, CheckedRun>();
  let known: RunChecks | undefined;
  let loading: Promise<RunChecks> | undefined;
  let isClosed = false;

  const load = async (): Promise<RunChecks> => {
    const [{ createRunChecks }, { createProber }] = await Promise.all([
      import('../runtime/checks.ts'),
      import('../os/check/prober.ts'),
    ]);
    const prober = await createProber({
      ...options,
      loadSockets: async () => (await import('../os/pipes/koffi-addon.ts')).loadFastKoffiSockets(),
    });
    known = createRunChecks(prober, options.clock);
    if (isClosed) known.close();
    for (const checked of waiting.values()) known.start(checked);
    waiting.clear();
    return known;
  };
  const loaded = (): Promise<RunChecks> => (loading ??= load());

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
      if (known !== undefined) {
        known.start(checked);
        return;
      }
      waiting.set(checked.instance.name, checked);
      loaded().catch((error: unknown) => {
        // Without its files procsup cannot check anything: nobody is to wait for that in vain.
        for (const { on } of waiting.values()) on.unready(`cannot check it: ${String(error)}`, false);
        waiting.clear();
      });
    },
    stop(name, run) {
      if (waiting.get(name)?.run === run) waiting.delete(name);
      known?.stop(name, run);
    },
    close() {
      isClosed = true;
      waiting.clear();
      known?.close();
    },
  };
}
