/** A thrown value on its way to another process: what a structured clone would lose of an error is kept. */

export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Of errors of the system: `ENOENT`. */
  readonly code?: string;
}

export function recordOf(thrown: unknown): ErrorRecord {
  if (!isError(thrown)) return { name: 'Error', message: textOf(thrown), stack: '' };
  const { name, message, stack = '' } = thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return { name, message, stack, ...(code !== undefined && { code }) };
}

/** With the name, the message and the stack that it had there. */
export function errorOf({ name, message, stack, code }: ErrorRecord): Error {
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return code === undefined ? error : Object.assign(error, { code });
}

/** Of another realm as well. */
const isError = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string';

/** A value may have no text of its own: an object without a prototype. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'unknown error';
  }
}
