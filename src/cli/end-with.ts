import { STATUS } from '../core/process/exit.ts';
import { leaveDeadTerminals } from '../os/terminal/leave-streams.ts';
import { internalErrorText } from './internal-error.ts';
import { writeText } from './io.ts';

/** Runs a command and exits with its status. */
export function endWith(command: () => Promise<number>): void {
  // An event loop that runs dry before the command has ended is a bug as well.
  process.on('beforeExit', () => fail(new Error('event loop ran dry before the command ended')));
  process.on('uncaughtException', fail);
  process.on('exit', leaveDeadTerminals);
  command().then((status) => process.exit(status), fail);
}

/** Exits after an internal error. */
function fail(thrown: unknown): never {
  writeText(2, internalErrorText(thrown));
  process.exit(STATUS.internal);
}
