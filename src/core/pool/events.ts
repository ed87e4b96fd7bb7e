/** What the machine of a pool is told, and what it wants done. */

export type PoolEvent =
  | { readonly type: 'job'; readonly seq: number }
  | { readonly type: 'source-ended' }
  /** `status`: as a shell tells it. */
  | {
      readonly type: 'ended';
      readonly slot: number;
      readonly run: number;
      readonly status: number;
      readonly runtimeMs: number;
    }
  /** The shell of the slot could not be started, so its job has not begun. */
  | { readonly type: 'slot-lost'; readonly slot: number; readonly run: number }
  | { readonly type: 'slot-timer'; readonly slot: number; readonly run: number }
  | { readonly type: 'delay-over' }
  | { readonly type: 'gate-passed' }
  | { readonly type: 'output'; readonly isFull: boolean }
  /** `soon`: nothing more is started; `now`: what runs is stopped; `kill`: at once. */
  | { readonly type: 'stop'; readonly how: 'soon' | 'now' | 'kill' };

export type PoolEffect =
  /** So many more jobs are wanted. */
  | { readonly type: 'pull'; readonly count: number }
  | { readonly type: 'start'; readonly slot: number; readonly run: number; readonly seq: number }
  | {
      readonly type: 'signal';
      readonly slot: number;
      readonly seq: number;
      readonly signal: 'SIGTERM' | 'SIGKILL';
    }
  /** It does not end by SIGKILL: nothing more is heard of it. */
  | { readonly type: 'abandon'; readonly slot: number; readonly seq: number }
  /** One for each slot: a new one replaces the older one. */
  | { readonly type: 'set-timer'; readonly slot: number; readonly run: number; readonly ms: number }
  | { readonly type: 'clear-timer'; readonly slot: number }
  | { readonly type: 'set-delay'; readonly ms: number }
  | { readonly type: 'ask-gate' }
  /** The output of this attempt is thrown away: the job is tried again. */
  | { readonly type: 'retry'; readonly seq: number }
  | {
      readonly type: 'finish';
      readonly seq: number;
      readonly slot: number;
      readonly attempts: number;
      readonly timedOut: boolean;
    }
  /** It has no result. */
  | { readonly type: 'drop'; readonly seq: number }
  /** The turn of its output has come; once for each job that was finished, after that. */
  | { readonly type: 'deliver'; readonly seq: number }
  | { readonly type: 'end' };
