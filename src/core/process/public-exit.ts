/** The public form of an exit, and back. */
import type { Exit } from './exit.ts';
import type { SignalName } from './signals.ts';

export type PublicExit =
  | { readonly code: number }
  | { readonly signal: SignalName }
  /** The system refused to start it. */
  | { readonly error: string; readonly message: string };

export function publicExitOf(exit: Exit): PublicExit {
  switch (exit.by) {
    case 'code':
      return { code: exit.code };
    case 'signal':
      return { signal: exit.signal };
    case 'refusal':
      return { error: exit.error, message: exit.message };
  }
}

export function exitOfPublic(exit: PublicExit): Exit {
  if ('code' in exit) return { by: 'code', code: exit.code };
  if ('signal' in exit) return { by: 'signal', signal: exit.signal };
  return { by: 'refusal', ...exit };
}
