/** What happens to the supervisor itself, beside what happens to its processes. */
import type { SignalName } from './process/signals.ts';
import type { Verb } from './fleet/tickets.ts';

export type SupervisorNotice =
  | { readonly type: 'requested'; readonly verb: Verb; readonly names: readonly string[] }
  | { readonly type: 'signalled'; readonly signal: SignalName; readonly names: readonly string[] }
  | { readonly type: 'scaled'; readonly counts: Readonly<Record<string, number>> }
  | {
      readonly type: 'reloaded';
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly changed: readonly string[];
    }
  | PreviousEnd
  /** Output can no longer be written to the log files, and what became of it when it could again. */
  | { readonly type: 'logs-lost'; readonly reason: string }
  | { readonly type: 'logs-recovered'; readonly lostBytes: number }
  | { readonly type: 'guardian-lost' };

/** The supervisor before this one did not end orderly. */
export interface PreviousEnd {
  readonly type: 'previous-ended';
  readonly pid: number;
  /** When it was started, as an ISO time. */
  readonly since: string;
  /** `killed`: by SIGKILL, for want of memory, or by a defect of its own. */
  readonly how: 'killed' | 'machine-restarted';
  /** Processes of it that had to be ended now. */
  readonly leftovers: readonly number[];
}
