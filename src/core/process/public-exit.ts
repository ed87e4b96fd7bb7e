/** The public form of an exit, and back. */
import type { Exit } from './exit.ts';
import type { SignalName } from './signals.ts';

export type PublicExit =
  /** `success`: a status that is no failure, as `success_status` says. */
  | { readonly code: number; readonly success?: true }
  /** `number`: of the signal, where Linux has another one. */
  | { readonly signal: SignalName; readonly number?: number; readonly success?: true }
  /** The system refused to start it. */
  | { readonly error: string; readonly message: string };

export function publicExitOf(exit: Exit): PublicExit {
  switch (exit.by) {
    case 'code':
      return { code: exit.code, ...successOf(exit) };
    case 'signal':
      return {
        signal: exit.signal,
        ...(exit.number !== undefined && { number: exit.number }),
        ...successOf(exit),
      };
    case 'refusal':
      return { error: exit.error, message: exit.message };
  }
}

export function exitOfPublic(exit: PublicExit): Exit {
  if ('code' in exit) return { by: 'code', ...exit };
  if ('signal' in exit) return { by: 'signal', ...exit };
  return { by: 'refusal', ...exit };
}

const successOf = ({ success }: Exclude<Exit, { by: 'refusal' }>) => (success === true ? { success } : {});
