import { systemClock } from '../os/clock.ts';
import type { Io } from './io.ts';

/** Where this is process 1, it reaps orphans until the returned function is called. */
export async function reapAsProcessOne(io: Pick<Io, 'stderr'>): Promise<() => void> {
  if (process.pid !== 1) return () => undefined;
  const { reapOrphans } = await import('../os/process/reap-orphans.ts');
  return reapOrphans({
    clock: systemClock,
    owns: () => false,
    load: async () => (await import('../os/pipes/koffi-addon.ts')).loadFastKoffiReap(),
    async onUnable() {
      const { UNREAPED_TEXT } = await import('../ui/event-text.ts');
      io.stderr(`procsup: ${UNREAPED_TEXT}\n`);
    },
  });
}
