/** What a run can be asked, to find out whether it is ready or healthy; and what was said about that. */

/** One question. Its answer is yes or no, and no says why. */
export type Check =
  /** Its process tree has a listening TCP socket: on `port`, else on any port that counts. No connection is made. */
  | { readonly kind: 'listening'; readonly port?: number }
  /** A connection succeeds. Without a host: to the addresses that its tree listens on. */
  | { readonly kind: 'tcp'; readonly port: number; readonly host?: string }
  /** A request is answered. `target`: a path, sent to what its tree listens on, or a whole URL. */
  | {
      readonly kind: 'http';
      readonly target: string;
      /** Default: any below 500. */
      readonly status?: readonly number[];
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A line of its output matches: without control sequences, of stdout and stderr. */
  | { readonly kind: 'log'; readonly pattern: string }
  /** A command, run as the process itself would be, ends with 0. */
  | { readonly kind: 'exec'; readonly command: string }
  /** READY=1 arrives at its NOTIFY_SOCKET (systemd). */
  | { readonly kind: 'notify' }
  /** A newline arrives at this descriptor of it (s6). */
  | { readonly kind: 'fd'; readonly fd: number }
  /** It has lived for so long. */
  | { readonly kind: 'delay'; readonly ms: number };

/** When a run is ready: as soon as each check has succeeded once. */
export interface ReadyPlan {
  readonly checks: readonly Check[];
  /** A run that is not ready in this time has failed. Default: no limit. */
  readonly withinMs?: number;
}

/** A check that goes on as long as the run lives and is ready. */
export interface HealthPlan {
  readonly checks: readonly Check[];
  readonly everyMs: number;
  /** So many failures in a row make it unhealthy. */
  readonly failures: number;
  readonly action: 'restart' | 'warn';
}

export const HEALTH_DEFAULTS = { everyMs: 10_000, failures: 3, action: 'warn' } as const;
