import { existsSync } from 'node:fs';
import { STATUS } from '../../core/process/exit.ts';
import { systemClock } from '../../os/clock.ts';
import { presenceOf } from '../../os/process/identity.ts';
import { whereabouts, type LockOwner } from '../../os/files/lock.ts';
import { eventText, namesText } from '../../ui/event-text.ts';
import { SILENT } from '../../control/client.ts';
import { complain, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { busyWhile } from '../client/busy.ts';
import { isRunning, isSuspended } from '../client/find-supervisor.ts';

interface DownSettings {
  readonly json: boolean;
  /** Time before SIGKILL. */
  readonly timeoutMs: number | undefined;
}

/** What the supervisor says of its end; `status` is null where it has said nothing. */
interface Told {
  readonly status: number | null;
  readonly killed: readonly string[];
}

const LOOK_AGAIN_MS = 5;
/** How long a supervisor that did not answer may take to react to SIGTERM. */
const AFTER_SIGTERM_MS = 10_000;

/** `procsup down` */
export const down = controlCommand<DownSettings>({
  settings: (read) => ({ json: read.isOn('json'), timeoutMs: read.optionalDuration('timeout') }),

  async carryOut({ client, io, owner }, { json, timeoutMs }) {
    const { pid } = owner.identity;
    if (isSuspended(owner)) process.kill(pid, 'SIGCONT');
    const ended = new Promise<{ readonly told: Told; readonly isSilent: boolean }>((resolve) => {
      let told: Told = { status: null, killed: [] };
      client.stream(
        'POST',
        '/v1/down',
        { timeout: timeoutMs },
        {
          line: (line) => (told = { ...told, ...(line as Partial<Told>) }),
          ended(error) {
            // If its socket is gone, a signal does the same; the lock proves that the pid is still the supervisor's.
            if (error !== undefined && isSignalable(owner)) process.kill(pid, 'SIGTERM');
            resolve({ told, isSilent: error?.code === SILENT });
          },
        },
      );
    });
    const isOver = ended.then(async ({ told, isSilent }) => {
      const deadline = isSilent ? systemClock.now() + AFTER_SIGTERM_MS : Infinity;
      await gone(() => isRunning(owner, io.env) && systemClock.now() < deadline);
      return { ...told, hangs: isSilent && isRunning(owner, io.env) };
    });
    const { status, killed, hangs } = await busyWhile(io.env, 'stopping', isOver);
    if (hangs) {
      const message = `the supervisor (pid ${String(pid)}) does not answer and is still running 10s after SIGTERM`;
      complain(io, message, `kill it with 'kill -KILL ${String(pid)}': its guardian stops the processes`);
      return STATUS.supervisor;
    }
    const how = killed.length === 0 ? '' : `; killed what did not stop in time: ${namesText(killed)}`;
    if (json) printJson(io, { pid, ended: true, status, killed });
    else io.stdout(`stopped all processes and the supervisor (pid ${String(pid)})${how}\n`);
    return status ?? STATUS.success;
  },

  async alone(io, { json }, root, crashed) {
    if (!existsSync(root)) return undefined;
    const ends =
      crashed.length === 0
        ? []
        : await (await import('../../host/ownership/stop-leftovers.ts')).endLeftovers(root, io.env);
    for (const end of ends) io.stderr(`procsup: ${eventText(end)}\n`);
    if (json) printJson(io, { pid: null, ended: true, status: STATUS.success, killed: [] });
    else if (ends.length === 0) io.stderr(`procsup: no supervisor is running for ${root}; nothing to stop\n`);
    return STATUS.success;
  },
});

/** In another container its pid is one of somebody else here. */
const isSignalable = (owner: LockOwner): boolean =>
  whereabouts(owner) === 'here' && presenceOf(owner.identity).is === 'living';

/** The connection ends a moment before the process does: a new start must not find it running. */
async function gone(isThere: () => boolean): Promise<void> {
  while (isThere()) await new Promise<void>((resolve) => void systemClock.after(LOOK_AGAIN_MS, resolve));
}
