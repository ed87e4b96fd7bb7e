/** How `start -d` calls the program that stays: a word that is no command, then what it is to do as JSON. */
import type { AppOptions } from '../../config/load-app.ts';
import type { HostOptions, LogFileOptions } from '../options.ts';

export const DAEMON = '--daemon';

export interface DaemonWords {
  /** The application. */
  readonly source: AppOptions;
  readonly settings: HostOptions;
  readonly logFiles: LogFileOptions;
  /** When its start counts as done; `no`: as soon as all were asked to start. */
  readonly wait: 'no' | 'started' | 'ready';
  /** It starts nothing, and ends when no client holds one of its processes any more. */
  readonly whileHeld?: boolean;
  /** How long it is waited for that. Default: no limit. */
  readonly waitTimeoutMs?: number;
}

export function daemonWords(words: DaemonWords): readonly string[] {
  return [DAEMON, JSON.stringify(words)];
}

/** What the daemon tells the `start -d` that waits for it: a line of JSON. */
export type DaemonNews =
  | { readonly news: 'busy'; readonly pid: number }
  | { readonly news: 'failed'; readonly status: number; readonly message: string }
  | {
      readonly news: 'up';
      readonly pid: number;
      readonly instances: readonly StartedInstance[];
      readonly remarks: readonly string[];
    };

export interface StartedInstance {
  readonly name: string;
  readonly pid: number | null;
  readonly isUp: boolean;
  /** How it ended, or why it could not be started, in words; empty where it is up. */
  readonly why: string;
  /** The status of its end, 0 where it is up. */
  readonly status: number;
  /** It is not up because of another one, which it needs. */
  readonly isConsequence?: true;
  /** How often it was tried, if more than once. */
  readonly attempts?: number;
  /** The last lines of output of its last attempt, where it is not up. */
  readonly lastLines: readonly string[];
}
