/** One way to whoever holds a project, for every command: safe, patient, and with words for what can go wrong. */
import { Unreachable } from '../../control/client.ts';
import { STATUS } from '../../core/process/exit.ts';
import { isStopped } from '../../os/process/identity.ts';
import type { Claim } from '../../os/files/lock.ts';
import type { Io } from '../io.ts';
import { complain, NotDone } from './answers.ts';
import type { CommandContext } from './control-command.ts';
import { ownInfo } from './own-info.ts';
import { clientOf } from './find-supervisor.ts';

export interface AskOptions {
  /** The command itself lets a stopped supervisor go on. */
  readonly evenIfStopped?: boolean;
}

/** Returns our exit status. */
export async function askHolder(
  holder: Claim,
  io: Io,
  /** `stop web`: what we are, as the supervisor is to remember it. */
  command: string,
  carryOut: (context: CommandContext) => Promise<number>,
  { evenIfStopped = false }: AskOptions = {},
): Promise<number> {
  const pid = String(holder.identity.pid);
  if (!evenIfStopped && isStopped(holder.identity)) {
    const message = `the supervisor (pid ${pid}) is stopped, as by Ctrl-Z, and answers nobody`;
    complain(io, message, `'kill -CONT ${pid}' lets it go on`);
    return STATUS.supervisor;
  }
  try {
    return await carryOut({ io, holder, client: clientOf(holder, ownInfo(command)) });
  } catch (thrown) {
    if (thrown instanceof NotDone) {
      complain(io, thrown.message, thrown.remedy);
      return thrown.status;
    }
    if (!(thrown instanceof Unreachable)) throw thrown;
    complain(io, `the supervisor (pid ${pid}) does not answer: ${thrown.message}`);
    return STATUS.supervisor;
  }
}
