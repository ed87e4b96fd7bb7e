import type { Awaited, AwaitedState } from '../../control/api.ts';
import { STATUS } from '../../core/process/exit.ts';
import { awaitedText } from '../../ui/awaited-text.ts';
import { bodyOf, printJson } from '../client/answers.ts';
import { busyWhile } from '../client/busy.ts';
import { controlCommand } from '../client/control-command.ts';
import { NOT_HAPPENED } from '../client/change.ts';
import { systemClock } from '../../os/clock.ts';

interface WaitSettings {
  readonly names: readonly string[];
  readonly state: AwaitedState;
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
}

interface WaitReply {
  readonly awaited: readonly Awaited[];
}

/** `procsup wait` */
export const wait = controlCommand<WaitSettings>({
  settings: (read, names) => ({
    names,
    state: read.choice('for'),
    timeoutMs: read.optionalDuration('timeout'),
    json: read.isOn('json'),
  }),

  async carryOut({ client, io }, { names, state, timeoutMs, json }) {
    const asked = client.get('/v1/wait', { names, for: state });
    const answer = await busyWhile(io.env, `waiting for ${names.join(', ')}`, inTime(asked, timeoutMs));
    if (answer === 'timeout') {
      io.stderr(`procsup: timed out waiting for ${names.join(', ')} to be ${state}\n`);
      return STATUS.timeout;
    }
    const { awaited } = bodyOf<WaitReply>(answer);
    if (json) printJson(io, awaited);
    else for (const one of awaited) io.stdout(`${awaitedText(one, state)}\n`);
    return awaited.every(({ outcome }) => outcome === 'reached') ? 0 : NOT_HAPPENED;
  },
});

function inTime<T>(asked: Promise<T>, timeoutMs: number | undefined): Promise<T | 'timeout'> {
  if (timeoutMs === undefined) return asked;
  return new Promise((resolve, reject) => {
    const cancel = systemClock.after(timeoutMs, () => resolve('timeout'));
    asked.finally(cancel).then(resolve, reject);
  });
}
