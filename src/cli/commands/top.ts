import { isatty } from 'node:tty';
import { STATUS } from '../../core/process/exit.ts';
import type { About, ChangeResult } from '../../control/api.ts';
import { Unreachable, type ControlClient } from '../../control/client.ts';
import { changeText } from '../../ui/change-text.ts';
import { bodyOf, NotDone } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import type { LogLine, StatsMessage, TopConnection } from '../client/run-top.ts';

/** `procsup top` */
export const top = controlCommand<undefined>({
  settings: () => undefined,

  async carryOut({ client, io }) {
    if (!isatty(0) || !isatty(1) || io.env['TERM'] === 'dumb') {
      io.stderr("procsup: 'procsup top' needs a terminal; in scripts, use 'procsup stats --json'\n");
      return STATUS.usage;
    }
    const { root, pid } = bodyOf<About>(await client.get('/v1/supervisor'));
    const { openScreen } = await import('../../os/terminal/screen.ts');
    const { top: runTop } = await import('../client/run-top.ts');
    const screen = openScreen({ input: process.stdin, output: process.stdout });
    return runTop(connectionTo(client), screen, await io.theme('stdout'), { root, pid });
  },
});

function connectionTo(client: ControlClient): TopConnection {
  return {
    stats: (on) =>
      client.stream(
        'GET',
        '/v1/stats',
        { history: true, ports: true },
        {
          line: (value) => on.message(value as StatsMessage),
          ended: (error) => on.ended(error?.message),
        },
      ),
    logs: (name, lines, on) =>
      client.stream(
        'GET',
        '/v1/logs',
        { names: [name], lines, follow: true },
        {
          line(value) {
            // The marker for the end of past lines is not a line.
            if (!('past' in (value as object))) on.line(value as LogLine);
          },
          ended: (error) => on.ended(error?.message),
        },
      ),
    act: (verb, name) =>
      sentence(async () => {
        const { results } = bodyOf<{ readonly results: readonly ChangeResult[] }>(
          await client.post(`/v1/${verb}`, { names: [name] }),
        );
        return results.map((result) => changeText(verb, result)).join('; ');
      }),
    signal: (name, signal) =>
      sentence(async () => {
        const { signalled } = bodyOf<{ readonly signalled: readonly string[] }>(
          await client.post('/v1/kill', { names: [name], signal }),
        );
        return signalled.length === 0 ? `${name} is not running` : `sent ${signal} to ${name}`;
      }),
  };
}

/** One sentence for the status line, also for failures. */
async function sentence(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof NotDone || thrown instanceof Unreachable) return thrown.message;
    throw thrown;
  }
}
