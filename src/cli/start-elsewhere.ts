/** `procsup start` where a supervisor runs already: it is asked to start what was named; without names it is an error. */
import { STATUS } from '../core/process/exit.ts';
import type { Claim } from '../os/files/lock.ts';
import { complain } from './client/answers.ts';
import { askHolder } from './client/ask-owner.ts';
import type { StartIo } from './io.ts';
import type { StartSettings } from './settings.ts';
import { change } from './client/change.ts';

export async function startElsewhere(
  holder: Claim,
  { names, detach, noWait, json }: StartSettings,
  startIo: StartIo,
): Promise<number> {
  const io = { ...startIo, paint: await startIo.theme('stderr') };
  if (names.length === 0 || detach) {
    const message = `a supervisor is running for ${holder.root} already (pid ${String(holder.identity.pid)})`;
    complain(io, message, "'procsup ps' shows its processes, 'procsup down' ends it");
    return STATUS.supervisor;
  }
  const words = ['start', ...names].join(' ');
  return askHolder(holder, io, words, (context) => change(context, 'start', { names, wait: !noWait, json }));
}
