/** Limits of processes: what looks at them is loaded with the first run of a process that has some. */
import { limitsOf } from '../../core/plan/process-plan.ts';
import type { LimitsKeeper } from '../../runtime/limits.ts';
import type { Limited } from '../limits/keeper.ts';
import { recordEvent } from '../records/record-event.ts';

export interface LazyLimits {
  close(): void;
}

export interface LimitedHost extends Limited {
  readonly onChange: (listener: (names: readonly string[]) => void) => () => void;
}

export function keepLimits(running: LimitedHost): LazyLimits {
  const { supervisor } = running;
  let known: LimitsKeeper | undefined;
  let isLoading = false;
  let isClosed = false;

  const load = async (): Promise<void> => {
    isLoading = true;
    try {
      known = await (await import('../limits/keeper.ts')).createHostKeeper(running);
    } catch (error) {
      recordEvent(running, { type: 'limits-unavailable', reason: String(error) });
    }
    if (isClosed) known?.close();
    else known?.changed();
  };

  const changed = (names: readonly string[]): void => {
    if (known !== undefined) known.changed();
    else if (!isLoading && names.some((name) => limitsOf(supervisor.instances.get(name)?.plan).length > 0))
      void load();
  };

  const stop = running.onChange(changed);
  changed([...supervisor.instances.keys()]);
  return {
    close() {
      isClosed = true;
      stop();
      known?.close();
    },
  };
}
