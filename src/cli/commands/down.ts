import { existsSync } from 'node:fs';
import { STATUS } from '../../core/process/exit.ts';
import { systemClock } from '../../os/clock.ts';
import { isStopped, mayLive, presenceOf } from '../../os/process/identity.ts';
import { previousEndText } from '../../ui/supervisor-notices.ts';
import { printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { busyWhile } from '../client/busy.ts';

interface DownSettings {
  readonly json: boolean;
}

const LOOK_AGAIN_MS = 5;

/** `procsup down` */
export const down = controlCommand<DownSettings>({
  settings: (read) => ({ json: read.isOn('json') }),

  async carryOut({ client, io, holder }, { json }) {
    const { pid } = holder.identity;
    if (isStopped(holder.identity)) process.kill(pid, 'SIGCONT');
    const ended = new Promise<number | null>((resolve) => {
      let status: number | null = null;
      client.stream(
        'POST',
        '/v1/down',
        {},
        {
          line: (line) => (status = (line as { readonly status?: number }).status ?? status),
          ended(error) {
            // Its socket is gone, say: a signal says the same, and the claim proves that the pid is still its own.
            const { is } = presenceOf(holder.identity);
            if (error !== undefined && is === 'living') process.kill(pid, 'SIGTERM');
            resolve(status);
          },
        },
      );
    });
    const isOver = ended.then(async (told) => {
      await gone(() => mayLive(holder.identity));
      return told;
    });
    const status = await busyWhile(io.env, 'stopping', isOver);
    const how = status === null || status === STATUS.success ? '' : '; what did not stop in time was killed';
    if (json) printJson(io, { pid, ended: true, status });
    else io.stdout(`everything has been stopped (supervisor pid ${String(pid)})${how}\n`);
    return status ?? STATUS.success;
  },

  async alone(io, { json }, root, dead) {
    if (!existsSync(root)) return undefined;
    const ends =
      dead.length === 0
        ? []
        : await (await import('../../host/stop-leftovers.ts')).endLeftovers(root, io.env);
    for (const end of ends) io.stderr(`procsup: ${previousEndText(end)}\n`);
    if (json) printJson(io, { pid: null, ended: true, status: STATUS.success });
    else if (ends.length === 0) io.stderr(`procsup: no supervisor is running for ${root}; nothing to stop\n`);
    return STATUS.success;
  },
});

/** The connection ends a moment before the process: whoever starts anew must not meet it. */
async function gone(isThere: () => boolean): Promise<void> {
  while (isThere()) await new Promise<void>((resolve) => void systemClock.after(LOOK_AGAIN_MS, resolve));
}
