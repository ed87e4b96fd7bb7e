import { STATUS } from '../core/process/exit.ts';
import { leaveDeadTerminals } from '../os/terminal/leave-streams.ts';
import { internalErrorText } from './internal-error.ts';
import { writeText } from './io.ts';

/** Ends this process with the status that a command comes to. */
export function endWith(command: () => Promise<number>): void {
  // The loop running dry before an outcome is known is a defect too.
  process.on('beforeExit', () =>
    fail(new Error('nothing is left to wait for, and the command has not ended')),
  );
  process.on('uncaughtException', fail);
  process.on('exit', leaveDeadTerminals);
  command().then((status) => process.exit(status), fail);
}

/** The end of procsup when it is procsup that failed. */
function fail(thrown: unknown): never {
  writeText(2, internalErrorText(thrown));
  process.exit(STATUS.internal);
}
