import { STATUS } from '../../core/process/exit.ts';
import { VerbError } from '../../control/session/client.ts';
import type { Passed } from '../../runtime/exchange/barriers.ts';
import { complain } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { withSession } from '../client/with-session.ts';
import { wrong } from '../exchange/verb-words.ts';

interface BarrierSettings {
  readonly name: string;
  readonly parties: number;
  readonly waitMs: number | undefined;
}

const BROKEN = 1;
const STATUSES: Readonly<Record<string, number>> = {
  'barrier-broken': BROKEN,
  'barrier-timeout': STATUS.timeout,
};

/** `procsup barrier`: waits until so many programs do. */
export const barrier = controlCommand<BarrierSettings>({
  settings(read, [name = '', parties = '']) {
    if (name === '') throw wrong("empty name for 'procsup barrier'");
    if (!/^[1-9]\d{0,4}$/.test(parties))
      throw wrong(`invalid number of parties '${parties}'`, 'use an integer from 1 to 10000');
    return { name, parties: Number(parties), waitMs: read.optionalDuration('timeout') };
  },

  async carryOut(context, { name, parties, waitMs }) {
    const said = `barrier ${name} ${String(parties)}`;
    return withSession(context, said, async (session) => {
      try {
        const { index } = (await session.ask('barrier.wait', { name, parties, wait: waitMs })) as Passed;
        context.io.stdout(`${String(index)}\n`);
        return STATUS.success;
      } catch (error) {
        const status = error instanceof VerbError ? STATUSES[error.code] : undefined;
        if (status === undefined) throw error;
        complain(context.io, (error as VerbError).message);
        return status;
      }
    });
  },
});
