/** From a supervisor's answers to values, or to a message and an exit status. */
import { STATUS } from '../../core/process/exit.ts';
import { errorOf, type Answer, type ErrorBody } from '../../control/client.ts';
import type { Io } from '../io.ts';

/** The supervisor did not do what it was asked for. */
export class NotDone extends Error {
  readonly status: number;
  readonly remedy: string | undefined;

  constructor({ code, message, remedy }: ErrorBody) {
    super(message);
    this.status = statusOfError(code);
    this.remedy = remedy;
  }
}

/** What was asked for, in the shape that the route promises. Throws `NotDone` where it was refused. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- tests hold every reply to its schema
export function bodyOf<T>({ status, body }: Answer): T {
  // Null is what the client makes of what is no JSON; no route promises it.
  if (status >= 200 && status < 300 && body !== null) return body as T;
  throw new NotDone(errorOf(body));
}

/** Says on stderr what is wrong and what to do about it. */
export function complain(io: Io, message: string, remedy?: string): void {
  for (const line of message.split('\n')) io.stderr(`procsup: ${line}\n`);
  if (remedy !== undefined) io.stderr(`  ${io.paint.dim('help:')} ${remedy}\n`);
}

export function printJson(io: Io, value: unknown): void {
  io.stdout(`${JSON.stringify(value)}\n`);
}

function statusOfError(code: string): number {
  if (code === 'unreachable') return STATUS.supervisor;
  return code === 'internal' || code === 'unintelligible' ? STATUS.internal : STATUS.usage;
}
