/** `procsup start` if a supervisor is already running: asks it to start the named processes; without names, an error. */
import { STATUS } from '../core/process/exit.ts';
import type { LockOwner } from '../os/files/lock.ts';
import { complain } from './client/answers.ts';
import { askOwner } from './client/ask-owner.ts';
import type { StartIo } from './io.ts';
import type { StartSettings } from './settings.ts';
import { change } from './client/change.ts';

export async function startElsewhere(
  owner: LockOwner,
  { names, detach, noWait, json }: StartSettings,
  startIo: StartIo,
): Promise<number> {
  const io = { ...startIo, paint: await startIo.theme('stderr') };
  if (names.length === 0 || detach) {
    const message = `a supervisor is already running for ${owner.root} (pid ${String(owner.identity.pid)})`;
    complain(io, message, "list its processes with 'procsup ps', stop it with 'procsup down'");
    return STATUS.supervisor;
  }
  const words = ['start', ...names].join(' ');
  return askOwner(owner, io, words, (context) => change(context, 'start', { names, wait: !noWait, json }));
}
