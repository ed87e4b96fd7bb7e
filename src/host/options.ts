/** How a supervisor is to behave: what the command line and the library both say. */
import type { OnExit } from '../core/fleet/state.ts';
import type { RestartMode } from '../core/process/restart-policy.ts';

export interface HostOptions {
  /** How long a process may take to stop before it is killed. */
  readonly timeoutMs: number;
  /** For processes without a policy of their own. */
  readonly restart: RestartMode;
  /** Before the first restart; it doubles with each further one. */
  readonly restartDelayMs: number;
  readonly onExit: OnExit;
  /** In the background: with `onExit` "keep" the run goes on until it is closed. */
  readonly detach: boolean;
  /** `open`: a pipe that can be written to. `empty`: /dev/null. */
  readonly stdin: 'open' | 'empty';
  /** The only process has our own stdout and stderr. */
  readonly raw: boolean;
}

/** How output is printed in the foreground. */
export interface PrintOptions {
  readonly timestamps: 'none' | 'time' | 'iso';
  readonly prefix: boolean;
  readonly raw: boolean;
}

/** What only a daemon has: when its start counts as done, and log files. */
export interface DaemonOptions extends HostOptions {
  readonly wait: 'started' | 'ready';
  readonly noWait: boolean;
  readonly logSizeBytes: number;
  /** 0: none. */
  readonly logFiles: number;
}
