import { systemClock } from '../../os/clock.ts';
import { isLiving } from '../../os/process-identity.ts';
import { printJson } from '../control/answers.ts';
import { controlCommand } from '../control/errand.ts';
import { busyWhile } from '../control/busy.ts';

interface DownSettings {
  readonly json: boolean;
}

const LOOK_AGAIN_MS = 5;

/** `procsup down` */
export const down = controlCommand<DownSettings>({
  settings: (read) => ({ json: read.isOn('json') }),

  async carryOut({ client, io, holder }, { json }) {
    const { pid } = holder.identity;
    const ended = new Promise<void>((resolve) => {
      client.stream(
        'POST',
        '/v1/down',
        {},
        {
          line: () => undefined,
          ended(error) {
            // Its socket is gone, say: a signal says the same, and the claim proves that the pid is still its own.
            if (error !== undefined && isLiving(holder.identity)) process.kill(pid, 'SIGTERM');
            resolve();
          },
        },
      );
    });
    await busyWhile(
      io.env,
      'stopping',
      ended.then(() => gone(() => isLiving(holder.identity))),
    );
    if (json) printJson(io, { pid, ended: true });
    else io.stdout(`everything has been stopped (supervisor pid ${String(pid)})\n`);
    return 0;
  },

  alone(io, { json }, root) {
    if (json) printJson(io, { pid: null, ended: true });
    else io.stderr(`procsup: no supervisor is running for ${root}; nothing to stop\n`);
    return Promise.resolve(0);
  },
});

/** The connection ends a moment before the process: whoever starts anew must not meet it. */
async function gone(isThere: () => boolean): Promise<void> {
  while (isThere()) await new Promise<void>((resolve) => void systemClock.after(LOOK_AGAIN_MS, resolve));
}
