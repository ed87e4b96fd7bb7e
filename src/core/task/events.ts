/** What the machine of a run of tasks is told, and what it wants done. `task` is an index in the graph. */

export type TaskEvent =
  | { readonly type: 'begin' }
  /**
   * What the cache says. `run`: the task is ours to run and its result to be kept. `joined`: another run has carried it out,
   * and it has failed. `none`: the cache cannot be asked; it is run without it.
   */
  | { readonly type: 'looked'; readonly task: number; readonly found: 'kept' | 'run' | 'none' }
  | { readonly type: 'looked'; readonly task: number; readonly found: 'joined'; readonly status: number }
  /** Another run of the same task is waited for. */
  | { readonly type: 'awaits'; readonly task: number }
  /** `isWhole` false: the outputs could not be put back. */
  | { readonly type: 'restored'; readonly task: number; readonly isWhole: boolean }
  | { readonly type: 'held'; readonly key: string }
  | { readonly type: 'not-held'; readonly key: string; readonly reason: string }
  /** Other runs leave it room in its caps, and its lock. */
  | { readonly type: 'taken'; readonly task: number }
  /** It waits for them. */
  | { readonly type: 'awaits-uses'; readonly task: number }
  /** `status`: as a shell tells it. */
  | { readonly type: 'ended'; readonly task: number; readonly run: number; readonly status: number }
  /** It could not be started. */
  | { readonly type: 'refused'; readonly task: number; readonly run: number; readonly reason: string }
  | { readonly type: 'timer'; readonly task: number; readonly run: number }
  | { readonly type: 'kept'; readonly task: number }
  /** While it is full, nothing is started. */
  | { readonly type: 'output'; readonly isFull: boolean }
  /** `soon`: nothing more is started; `now`: what runs is stopped; `kill`: at once. */
  | { readonly type: 'stop'; readonly how: 'soon' | 'now' | 'kill' };

export type TaskOutcome =
  | { readonly is: 'succeeded' }
  /** A kept result stands for it. */
  | { readonly is: 'cached' }
  | {
      readonly is: 'failed';
      readonly status: number;
      readonly why: 'status' | 'timeout' | 'joined' | 'refused' | 'process';
      readonly reason?: string;
    }
  /** What it needs has failed; `because`: the task that did. */
  | { readonly is: 'skipped'; readonly because: number }
  /** The run has ended before. */
  | { readonly is: 'not-run' }
  /** It was running when the run was stopped. */
  | { readonly is: 'stopped' };

export type TaskEffect =
  /** Ask the cache. `isAgain`: the result that it had cannot be used. */
  | { readonly type: 'look'; readonly task: number; readonly isAgain: boolean }
  /** The answer is not wanted any more; there is none. */
  | { readonly type: 'cancel-look'; readonly task: number }
  | { readonly type: 'restore'; readonly task: number }
  | { readonly type: 'hold'; readonly key: string }
  /** Also of one that is not held yet. */
  | { readonly type: 'release'; readonly key: string }
  /** Its caps and its lock are asked for, which other runs use as well. */
  | { readonly type: 'take'; readonly task: number }
  /** Also of what is asked for still: then there is no answer. */
  | { readonly type: 'give-back'; readonly task: number }
  /** Slots count from 1; 0: it has the terminal for itself. */
  | { readonly type: 'start'; readonly task: number; readonly run: number; readonly slot: number }
  | {
      readonly type: 'signal';
      readonly task: number;
      readonly slot: number;
      readonly signal: 'SIGTERM' | 'SIGKILL';
    }
  /** It does not end by SIGKILL: nothing more is heard of it. */
  | { readonly type: 'abandon'; readonly task: number; readonly slot: number }
  /** One for each task: a new one replaces the older one. */
  | { readonly type: 'set-timer'; readonly task: number; readonly run: number; readonly ms: number }
  | { readonly type: 'clear-timer'; readonly task: number }
  | { readonly type: 'retry'; readonly task: number; readonly status: number; readonly attempt: number }
  /** It has succeeded: its result is kept. */
  | { readonly type: 'keep'; readonly task: number }
  /** It is ours to run, and was not run or has failed; null: it has no status. */
  | { readonly type: 'drop'; readonly task: number; readonly status: number | null }
  /** Once for each task. */
  | { readonly type: 'finish'; readonly task: number; readonly outcome: TaskOutcome }
  | { readonly type: 'end' };
