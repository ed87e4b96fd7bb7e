/** `procsup start` where a supervisor runs already: it is asked to start what was named; without names it is an error. */
import { createClient, Unreachable } from '../../control/client.ts';
import { STATUS } from '../../core/exit.ts';
import type { Claim } from '../../os/project-lock.ts';
import { NotDone, tellNotDone } from '../control/answers.ts';
import type { StartIo } from '../io.ts';
import type { StartSettings } from '../settings.ts';
import { change } from './change.ts';

export async function startElsewhere(holder: Claim, settings: StartSettings, io: StartIo): Promise<number> {
  const { names, noWait, json } = settings;
  const pid = String(holder.identity.pid);
  const paint = await io.theme('stderr');
  if (names.length === 0 || settings.detach) {
    io.stderr(`procsup: a supervisor is running for ${holder.root} already (pid ${pid})\n`);
    io.stderr(`  ${paint.dim('help:')} 'procsup ps' shows its processes, 'procsup down' ends it\n`);
    return STATUS.supervisor;
  }
  const errand = { io: { ...io, paint }, client: createClient(holder.socket), holder };
  try {
    return await change(errand, 'start', { names, wait: !noWait, json });
  } catch (thrown) {
    if (thrown instanceof NotDone) return tellNotDone(thrown, errand.io);
    if (!(thrown instanceof Unreachable)) throw thrown;
    io.stderr(`procsup: the supervisor (pid ${pid}) does not answer: ${thrown.message}\n`);
    return STATUS.supervisor;
  }
}
