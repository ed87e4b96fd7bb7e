import { SIGNAL_NUMBERS, type SignalName } from '../../core/process/signals.ts';
import { suggest } from '../../text/suggest.ts';
import { bodyOf, NotDone, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { NOT_HAPPENED } from '../client/change.ts';
import { SIGNAL_NAMES } from '../../os/process/signal-numbers.ts';

interface KillSettings {
  readonly names: readonly string[];
  readonly signal: string;
  readonly json: boolean;
}

interface KillReply {
  readonly signalled: readonly string[];
  readonly notRunning: readonly string[];
}

/** `procsup kill` */
export const kill = controlCommand<KillSettings>({
  settings: (read, names) => ({
    names,
    signal: read.texts('signal').signal ?? 'SIGKILL',
    json: read.isOn('json'),
  }),

  async carryOut({ client, io }, settings) {
    const signal = signalNamed(settings.signal);
    const reply = bodyOf<KillReply>(await client.post('/v1/kill', { names: settings.names, signal }));
    if (settings.json) printJson(io, reply);
    else {
      for (const name of reply.signalled) io.stdout(`sent ${signal} to ${name}\n`);
      for (const name of reply.notRunning) io.stderr(`procsup: ${name} is not running\n`);
    }
    return reply.signalled.length === 0 ? NOT_HAPPENED : 0;
  },
});

/** `HUP`, `sighup`, `SIGHUP` and `1` are the same. Throws `NotDone` for an unknown signal. */
function signalNamed(word: string): SignalName {
  const upper = word.toUpperCase();
  const found = SIGNAL_NAMES.find((name) =>
    [name, name.slice(3), String(SIGNAL_NUMBERS[name])].includes(upper),
  );
  if (found !== undefined) return found;
  const meant = suggest(upper.startsWith('SIG') ? upper : `SIG${upper}`, SIGNAL_NAMES);
  throw new NotDone({
    code: 'unknown-signal',
    message: `unknown signal '${word}'`,
    ...(meant !== undefined && { remedy: `did you mean ${meant}?` }),
  });
}
