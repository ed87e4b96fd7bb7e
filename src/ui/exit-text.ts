/** How a run has ended, or why it did not begin, in words. */
import { STATUS, statusOf, type Exit } from '../core/process/exit.ts';

/** `exited with status 3`, and for the two statuses by which a shell speaks, what they mean. */
export function exitText(exit: Exit): string {
  switch (exit.by) {
    case 'code':
      return `exited with status ${String(exit.code)}${meaning(exit)}`;
    case 'signal':
      return `was terminated by ${exit.signal} (status ${String(statusOf(exit))}${exit.success === true ? ', a success' : ''})`;
    case 'refusal':
      return `could not be started: ${exit.message}`;
  }
}

function meaning({ code, success }: Extract<Exit, { by: 'code' }>): string {
  if (success === true) return ', a success';
  if (code === STATUS.notFound) return ': command not found';
  if (code === STATUS.notExecutable) return ': command cannot be executed';
  return '';
}
