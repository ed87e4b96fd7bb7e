/** The public form of an exit, and back. */
import type { Exit } from './exit.ts';
import type { SignalName } from './signals.ts';

export type PublicExit =
  | { readonly code: number }
  /** `number`: of the signal, where Linux has another one. */
  | { readonly signal: SignalName; readonly number?: number }
  /** The system refused to start it. */
  | { readonly error: string; readonly message: string };

export function publicExitOf(exit: Exit): PublicExit {
  switch (exit.by) {
    case 'code':
      return { code: exit.code };
    case 'signal':
      return { signal: exit.signal, ...(exit.number !== undefined && { number: exit.number }) };
    case 'refusal':
      return { error: exit.error, message: exit.message };
  }
}

export function exitOfPublic(exit: PublicExit): Exit {
  if ('code' in exit) return { by: 'code', code: exit.code };
  if ('signal' in exit) return { by: 'signal', ...exit };
  return { by: 'refusal', ...exit };
}
