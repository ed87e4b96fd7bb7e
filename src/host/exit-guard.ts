/** Should procsup itself fail, nothing that it has started outlives it. */
import { systemClock } from '../os/clock.ts';
import type { Running } from './wire.ts';

/** Loading the net takes longer than many a run; until it is there, the guardian alone has to do. */
const NET_AFTER_MS = 100;

export function guardExitLater({ processGroups, guardian, mark }: Running): { remove(): void } {
  const killAll = (): void => {
    for (const pid of guardian.groups) processGroups.signal({ pid, runId: mark }, 'SIGKILL', 'group');
    processGroups.signalMarked(mark, 'SIGKILL');
  };
  let remove = systemClock.after(NET_AFTER_MS, () => {
    import('../os/process/exit-hook.ts').then(
      ({ onLastExit }) => (remove = onLastExit(killAll)),
      () => undefined,
    );
  });
  return { remove: () => remove() };
}
