/**
 * What everybody shows: `ps`, `top`, `--json` and the API speak of instances in this one shape, so they cannot
 * disagree. The field names are public.
 */
import type { SignalName } from './signals.ts';

/** `stopped`: not asked to run. `backoff`: ended, and waits for its restart. `exited`, `failed`: ended for good. */
export type PublicState = 'starting' | 'running' | 'stopping' | 'stopped' | 'backoff' | 'exited' | 'failed';

export type PublicExit =
  | { readonly code: number }
  | { readonly signal: SignalName }
  /** The system refused to start it. */
  | { readonly error: string; readonly message: string };

export interface InstanceSnapshot {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly process: string;
  /** 1 for the first. */
  readonly instance: number;
  readonly state: PublicState;
  readonly ready: boolean;
  /** Of the program that runs, else null. */
  readonly pid: number | null;
  /** Percent of one core, of the whole process tree; null where nothing runs or nothing could be measured. */
  readonly cpu: number | null;
  /** Resident bytes of the whole process tree; null as for `cpu`. */
  readonly memory: number | null;
  /** Seconds since the program was started, to the millisecond; null where nothing runs. */
  readonly uptime: number | null;
  /** How often it was brought back by its restart policy since it was last started on request. */
  readonly restarts: number;
  readonly port: number;
  /** How its last run ended; null while it lives, and before the first. */
  readonly exit: PublicExit | null;
  /** The user's own words. */
  readonly command: string;
}
