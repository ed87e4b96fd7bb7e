/** The commands of the user around the runs of a process, and how one of them failed. */
import { formatDuration } from '../../text/duration.ts';
import type { Exit } from './exit.ts';

/** As in procsup.yaml. */
export type HookName = 'pre_start' | 'post_start' | 'pre_stop' | 'stop_command' | 'post_stop';

export type HookEnd =
  | { readonly is: 'exit'; readonly exit: Exit }
  /** It was killed for that. */
  | { readonly is: 'late'; readonly ms: number }
  /** Nobody waits for it any more. */
  | { readonly is: 'overtaken' };

/** What went wrong, as the rest of a sentence about it. Undefined: nothing. */
export function hookFailure(end: HookEnd): string | undefined {
  if (end.is === 'late') return `timed out after ${formatDuration(end.ms)}`;
  if (end.is === 'overtaken' || (end.exit.by === 'code' && end.exit.code === 0)) return undefined;
  const { exit } = end;
  if (exit.by === 'refusal') return `cannot be run: ${exit.message}`;
  return exit.by === 'code' ? `exited with status ${String(exit.code)}` : `was terminated by ${exit.signal}`;
}
