/** Watches of files: their code is loaded with the first. */
import { watchOf } from '../../core/plan/process-plan.ts';
import type { WatchedRun, WatchesOfRun } from '../watches.ts';
import { recordEvent } from '../records/record-event.ts';

export interface LazyWatches {
  close(): void;
}

export function keepWatches(running: WatchedRun): LazyWatches {
  const { instances } = running.supervisor;
  let known: WatchesOfRun | undefined;
  let isLoading = false;
  let isClosed = false;

  const load = async (): Promise<void> => {
    const { openWatches } = await import('../watches.ts');
    if (!isClosed) known = openWatches(running);
  };
  const changed = (names: readonly string[]): void => {
    if (known !== undefined) return known.changed(names);
    if (isLoading || !names.some((name) => watchOf(running.supervisor.instances.get(name)?.plan))) return;
    isLoading = true;
    load().catch((error: unknown) => {
      recordEvent(running, { type: 'watch-unavailable', reason: String(error) });
    });
  };

  const stop = running.onChange(changed);
  changed([...instances.keys()]);
  return {
    close() {
      isClosed = true;
      stop();
      known?.close();
    },
  };
}
