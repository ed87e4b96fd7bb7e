/** How every command talks to the supervisor of a project: checked, with retries, and with messages for failures. */
import { Unreachable } from '../../control/client.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { LockOwner } from '../../os/files/lock.ts';
import type { Io } from '../io.ts';
import { complain, NotDone } from './answers.ts';
import type { CommandContext } from './control-command.ts';
import { ownInfo } from './own-info.ts';
import { clientOf, isSuspended } from './find-supervisor.ts';

export interface AskOptions {
  /** The command itself continues a stopped supervisor. */
  readonly evenIfStopped?: boolean;
}

/** Returns our exit status. */
export async function askOwner(
  owner: LockOwner,
  io: Io,
  /** `stop web`: what we are, as the supervisor is to remember it. */
  command: string,
  carryOut: (context: CommandContext) => Promise<number>,
  { evenIfStopped = false }: AskOptions = {},
): Promise<number> {
  const pid = String(owner.identity.pid);
  if (!evenIfStopped && isSuspended(owner)) {
    const message = `the supervisor (pid ${pid}) is suspended (Ctrl-Z or SIGSTOP) and cannot answer`;
    complain(io, message, `continue it with 'kill -CONT ${pid}'`);
    return STATUS.supervisor;
  }
  let isSaid = false;
  const silent = (): void => {
    if (!isSaid) io.stderr(`procsup: waiting for an answer from the supervisor (pid ${pid})\n`);
    isSaid = true;
  };
  try {
    return await carryOut({ io, owner, client: clientOf(owner, io.env, ownInfo(command), { silent }) });
  } catch (thrown) {
    if (thrown instanceof NotDone) {
      complain(io, thrown.message, thrown.remedy);
      return thrown.status;
    }
    if (!(thrown instanceof Unreachable)) throw thrown;
    complain(io, `cannot reach the supervisor (pid ${pid}): ${thrown.message}`);
    return STATUS.supervisor;
  }
}
