/** Turns a supervisor's answers into values, or into a message and an exit status. */
import { STATUS } from '../../core/process/exit.ts';
import { errorOf, SILENT, type Answer, type ErrorBody } from '../../control/client.ts';
import type { Io } from '../io.ts';

/** The supervisor refused a request. */
export class NotDone extends Error {
  readonly status: number;
  readonly remedy: string | undefined;

  constructor({ code, message, remedy }: ErrorBody) {
    super(message);
    this.status = statusOfError(code);
    this.remedy = remedy;
  }
}

/** The body of an answer, in the shape that the route promises. Throws `NotDone` if the request was refused. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- tests hold every reply to its schema
export function bodyOf<T>({ status, body }: Answer): T {
  // The client returns null for an answer that is not JSON; no route promises null.
  if (status >= 200 && status < 300 && body !== null) return body as T;
  throw new NotDone(errorOf(body));
}

/** Prints an error and its remedy on stderr. */
export function complain(io: Io, message: string, remedy?: string): void {
  for (const line of message.split('\n')) io.stderr(`procsup: ${line}\n`);
  if (remedy !== undefined) io.stderr(`  ${io.paint.dim('help:')} ${remedy}\n`);
}

export function printJson(io: Io, value: unknown): void {
  io.stdout(`${JSON.stringify(value)}\n`);
}

function statusOfError(code: string): number {
  if (code === 'unreachable' || code === SILENT) return STATUS.supervisor;
  return code === 'internal' || code === 'unintelligible' ? STATUS.internal : STATUS.usage;
}
