import { isatty } from 'node:tty';
import { STATUS } from '../../core/process/exit.ts';
import type { About, ChangeResult, EventRecord } from '../../control/api.ts';
import { Unreachable, type ControlClient } from '../../control/client.ts';
import type { HeldPage } from '../../core/exchange/held.ts';
import { ALL_OUTPUT } from '../../top/model.ts';
import { changeText } from '../../ui/change-text.ts';
import { bodyOf, NotDone } from '../client/answers.ts';
import { attachTerminal } from '../client/attach-terminal.ts';
import { controlCommand, type CommandContext } from '../client/control-command.ts';
import { runMark } from '../client/run-mark.ts';
import type { LogLine, StatsMessage, TopConnection } from '../client/run-top.ts';

/** `procsup top` */
export const top = controlCommand<undefined>({
  settings: () => undefined,

  async carryOut(context) {
    const { client, io } = context;
    if (!isatty(0) || !isatty(1) || io.env['TERM'] === 'dumb') {
      io.stderr("procsup: 'procsup top' needs a terminal; in scripts, use 'procsup stats --json'\n");
      return STATUS.usage;
    }
    const { root, pid } = bodyOf<About>(await client.get('/v1/supervisor'));
    const { openScreen } = await import('../../os/terminal/screen.ts');
    const { top: runTop } = await import('../client/run-top.ts');
    const screen = openScreen({ input: process.stdin, output: process.stdout });
    return runTop(connectionTo(context), screen, await io.theme('stdout'), { root, pid });
  },
});

function connectionTo(context: CommandContext): TopConnection {
  const { client } = context;
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
    logs(source, lines, on) {
      const isAll = source === ALL_OUTPUT;
      const log = client.stream(
        'GET',
        '/v1/logs',
        { ...(!isAll && { names: [source] }), lines, follow: true },
        {
          line: (value) => ('past' in (value as object) ? on.past() : on.line(value as LogLine)),
          ended: (error) => on.ended(error?.message),
        },
      );
      // In the output of all, procsup's own lines tell when runs end.
      const events = isAll ? undefined : runMarks(client, source, (mark) => on.line(mark));
      return {
        close() {
          log.close();
          events?.close();
        },
      };
    },
    async held(most) {
      const answer = await client.get('/v1/exchange', { most });
      // A supervisor of an older version does not know it.
      if (answer.status !== 200) return undefined;
      const { held, next } = bodyOf<HeldPage>(answer);
      return { things: held, isCut: next !== null };
    },
    attach: (name, take) =>
      sentence(async () => {
        const attached = await attachTerminal(context, name, take);
        if (attached === 'none') return `${name} has no terminal (set 'tty: true' in procsup.yaml)`;
        return attached === 'ended' ? `${name} has exited` : `detached from ${name}`;
      }),
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

/** Where runs of an instance have ended and begun, as far as the supervisor remembers, and will. */
function runMarks(client: ControlClient, name: string, tell: (mark: LogLine) => void) {
  return client.stream(
    'GET',
    '/v1/events',
    { names: [name], follow: true },
    {
      line(value) {
        const mark = runMark(value as EventRecord);
        if (mark !== undefined) tell(mark);
      },
      ended: () => undefined,
    },
  );
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
