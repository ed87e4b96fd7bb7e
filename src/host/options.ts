/** How a supervisor behaves: what the command line and the library both fill in, and what holds if nobody says otherwise. */
import type { OnExit } from '../core/fleet/state.ts';
import type { StdinKind } from '../core/plan/process-plan.ts';
import { RESTART_DEFAULTS, type RestartMode } from '../core/process/restart-policy.ts';

export interface HostOptions {
  /** Between the first signal of a stop and SIGKILL, in milliseconds. */
  readonly timeoutMs: number;
  /** For processes without a policy of their own. */
  readonly restart: RestartMode;
  /** Before the first restart, in milliseconds; it doubles with each further one. */
  readonly restartDelayMs: number;
  /** What the end of one process for good means to the others. */
  readonly onExit: OnExit;
  /** With `onExit` "keep" the run goes on when all have ended, until it is closed. */
  readonly resident: boolean;
  /** Of processes that say nothing themselves. */
  readonly stdin: StdinKind;
  /** `inherited`: the only process writes to our own stdout and stderr. `piped`: we read what they write. */
  readonly output: 'piped' | 'inherited';
}

/** Files in which output is kept. */
export interface LogFileOptions {
  /** A file that would become larger is put aside. */
  readonly maxFileBytes: number;
  /** So many are kept of each process; 0: none. */
  readonly maxFiles: number;
}

type Defaults = Omit<HostOptions, 'resident' | 'output'>;

const COMMON = { timeoutMs: 5_000, restartDelayMs: RESTART_DEFAULTS.delayMs, stdin: 'open' } as const;

/** Of a run that ends with its processes: `procsup start` in the foreground. */
export const FOREGROUND_DEFAULTS: Defaults = { ...COMMON, restart: 'never', onExit: 'stop' };

/** Of a run that lasts until it is closed: the daemon of `start -d`, and the library's supervisor. */
export const RESIDENT_DEFAULTS: Defaults = {
  ...COMMON,
  restart: 'on-failure',
  onExit: 'keep',
};

export const LOG_FILE_DEFAULTS: LogFileOptions = { maxFileBytes: 10 * 1024 * 1024, maxFiles: 3 };
