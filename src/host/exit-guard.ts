/** Should procsup itself fail, nothing that it has started outlives it. */
import { systemClock } from '../os/clock.ts';
import type { Running } from './wire.ts';

/** Loading the net takes longer than many a run; until it is there, the guardian alone has to do. */
const NET_AFTER_MS = 100;

export function guardExitLater(running: Running): { remove(): void } {
  let remove = systemClock.after(NET_AFTER_MS, () => {
    import('../os/process/exit-hook.ts').then(
      ({ onLastExit }) => (remove = onLastExit(() => killAll(running))),
      () => undefined,
    );
  });
  return { remove: () => remove() };
}

/** Called while this process ends: an error would change its exit status and keep the others from being killed. */
export function killAll({ processGroups, guardian, mark }: Killing): void {
  for (const pid of guardian.groups) {
    attempt(() => processGroups.signal({ pid, runId: mark }, 'SIGKILL', 'group'));
  }
  attempt(() => processGroups.signalMarked(mark, 'SIGKILL'));
}

export interface Killing extends Pick<Running, 'processGroups' | 'mark'> {
  readonly guardian: Pick<Running['guardian'], 'groups'>;
}

/** What it cannot end the guardian will: it outlives us. */
function attempt(deed: () => unknown): void {
  try {
    deed();
  } catch {
    return;
  }
}
