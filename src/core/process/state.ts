/** The states, events and effects of one instance, as used by `step.ts`. */
import type { InstanceFact } from '../events.ts';
import type { Exit } from './exit.ts';
import { NO_RESTARTS, type RestartHistory, type RestartPolicy } from './restart-policy.ts';
import type { SignalName } from './signals.ts';
import type { StopLadder } from './stop-ladder.ts';

export interface ProcessSpec {
  readonly restart: RestartPolicy;
  readonly ladder: StopLadder;
  /**
   * `started`: ready as soon as it runs. `probed`: ready when a `ready` event says so. `ended`: a task, which is ready when
   * it has succeeded.
   */
  readonly readiness: 'started' | 'probed' | 'ended';
  /** Nobody has said when it is ready: that it is goes without saying. */
  readonly isReadinessUsual?: boolean;
  /** When it was wanted to `finish` before it ran: time before it is stopped. Default: 0. */
  readonly drainMs?: number;
  /** Its stdin ends at once: a program that reads it may end for that reason. */
  readonly stdinIsEmpty?: boolean;
  /** Who gets the first signal of the ladder: the process group, or the first process only. Default: `group`. */
  readonly stopTarget?: 'group' | 'main';
  /** Commands of the user around its runs. Without: there are none. */
  readonly hooks?: HookTurns;
}

/** When such commands run: before the program is started, before its first stop signal, and when a run is over. */
export interface HookTurns {
  readonly start: boolean;
  readonly stop: boolean;
  /** Also where one may still run when the program has ended. */
  readonly end: boolean;
}

export type Want = 'up' | 'wait' | 'drain' | 'finish' | 'down';

export type Phase =
  | { readonly name: 'idle' }
  | {
      readonly name: 'starting';
      /** A hook comes before the program, whatever its spec says by now. */
      readonly isHooked?: true;
      /** A stop has come before the program: unless it is too late for that, it is not started. */
      readonly isCalledOff?: true;
    }
  | {
      readonly name: 'running';
      readonly pid: number;
      readonly since: number;
      readonly ready: boolean;
      /** It is asked whether it is ready and healthy. */
      readonly checked?: true;
    }
  | {
      readonly name: 'stopping';
      readonly pid: number;
      readonly since: number;
      readonly rung: number;
      /** It is not stopped on request. */
      readonly verdict?: Verdict;
      /** Its hooks before the first signal run: that has not been sent yet. */
      readonly hooked?: true;
    }
  | {
      readonly name: 'clearing';
      readonly pid: number;
      readonly rung: number;
      readonly exit: Exit;
      readonly ranMs: number;
      /** The run ended because we asked for it. */
      readonly asked: boolean;
      /** It is restarted, whatever its policy. */
      readonly isUnhealthy?: boolean;
    }
  /** Nothing of the run is left but its hooks. The fields are those of `clearing`. */
  | {
      readonly name: 'ending';
      readonly exit: Exit;
      readonly ranMs: number;
      readonly asked: boolean;
      readonly isUnhealthy?: boolean;
    }
  | { readonly name: 'backoff'; readonly exit: Exit }
  | { readonly name: 'exited'; readonly exit: Exit }
  | { readonly name: 'failed'; readonly why: 'refused' | 'gave-up' | 'unmet-need'; readonly exit: Exit }
  /** It, or something it left behind, lives on after SIGKILL. It is given up, but not started again while it may live. */
  | { readonly name: 'failed'; readonly why: 'unkillable'; readonly exit: Exit; readonly pid: number };

/** A run that lives is taken for failed, and counts as ended by `exit`. */
export interface Verdict {
  readonly exit: Exit;
  /** A health check says so, and the process is to be restarted whatever its policy. */
  readonly isUnhealthy: boolean;
}

export interface ProcessState {
  readonly want: Want;
  readonly phase: Phase;
  /** Number of the latest run, 0 before the first. */
  readonly run: number;
  /** Number of the latest timer: of a rung while it is stopped, of the delay in `backoff`, of its time to `wait` or to `finish`. */
  readonly timer: number;
  readonly history: RestartHistory;
  /** How often the restart policy has brought it back since it was last started or restarted on request. */
  readonly restarts: number;
  /** Of the latest run that has ended or was refused; null before. */
  readonly lastExit: Exit | null;
  /** Replaces the first signal of the ladder: a Ctrl-C is passed on as SIGINT. */
  readonly stopSignal: SignalName | null;
  /** Replaces the grace of the first rung of the ladder, for the stop that was requested with it. */
  readonly graceMs: number | null;
  /** The requested stop had to use the last rung of its ladder. */
  readonly killed: boolean;
  /** Number of the latest run that did not stop in time, whether for a stop or a restart; 0: none. */
  readonly lateRun: number;
  /** The highest numbers of a run and a timer beside this machine, in rolling restarts; 0: none. */
  readonly besideRun: number;
  readonly besideTimer: number;
}

export const NEW_PROCESS: ProcessState = {
  want: 'down',
  phase: { name: 'idle' },
  run: 0,
  timer: 0,
  history: NO_RESTARTS,
  restarts: 0,
  lastExit: null,
  stopSignal: null,
  graceMs: null,
  killed: false,
  lateRun: 0,
  besideRun: 0,
  besideTimer: 0,
};

/** The inputs of the machine; what is told to people is an `Event` of `core/events.ts`. */
export type ProcessEvent =
  /**
   * Changes what is asked of it; `signal` replaces the first signal of the ladder. `ms`: how long it may `wait` or `finish`
   * before it is stopped; by default as long as its spec says.
   */
  | { readonly type: 'want'; readonly want: Want; readonly ms?: number; readonly signal?: SignalName }
  /** How long its stop may take before SIGKILL, also of one that is in progress: from now on. null: as its spec says. */
  | { readonly type: 'grace'; readonly ms: number | null }
  /** Start again: at once if it is down or waiting, after a stop if it is alive. */
  | { readonly type: 'renew' }
  /** Resets an instance that exited for good. */
  | { readonly type: 'forget' }
  /** Sends SIGKILL at once, in any state. */
  | { readonly type: 'hurry' }
  /** It cannot be started, because something it needs has failed. */
  | { readonly type: 'doom'; readonly exit: Exit }
  | { readonly type: 'spawned'; readonly run: number; readonly pid: number }
  | { readonly type: 'refused'; readonly run: number; readonly exit: Exit }
  | { readonly type: 'ready'; readonly run: number }
  /** It was not ready in time, or has said that its start failed, or is not healthy any more. */
  | ({ readonly type: 'unready'; readonly run: number } & Verdict)
  /** `survivors`: the program has exited, but processes that it started are still running in its group. */
  | { readonly type: 'exited'; readonly run: number; readonly exit: Exit; readonly survivors: boolean }
  /** Nothing of the run is left; or its hooks after the end are over. */
  | { readonly type: 'cleared'; readonly run: number }
  /** Its hooks before the first stop signal have ended, well or not. */
  | { readonly type: 'stop-hooks-over'; readonly run: number }
  | { readonly type: 'timer'; readonly timer: number };

export type ProcessEffect =
  | { readonly type: 'spawn'; readonly run: number }
  | {
      readonly type: 'signal';
      readonly run: number;
      readonly pid: number;
      readonly signal: SignalName;
      /**
       * `main`: the first process only. `all`: also processes that left the process group. `rest`: the program has ended,
       * and those who have heard the first signal of the ladder do not hear this one.
       */
      readonly reach: 'main' | 'group' | 'all' | 'rest';
      /** By a user, for whatever purpose: no step of the ladder. */
      readonly isRequested?: true;
    }
  /** The run lives, and is to be asked whether it is ready, and then healthy: answer with `ready` and `unready`. */
  | { readonly type: 'start-check'; readonly run: number }
  /** It has ended, or is being stopped. */
  | { readonly type: 'stop-check'; readonly run: number }
  /** Run what comes before the first stop signal, for `ms` at most; answer with `stop-hooks-over`. */
  | { readonly type: 'run-stop-hooks'; readonly run: number; readonly pid: number; readonly ms: number }
  /** The run is over: run what comes after that, when no other hook of it runs any more; answer with `cleared`. */
  | { readonly type: 'run-end-hooks'; readonly run: number }
  /** End the hook that runs, with SIGKILL after `ms`. A start that waits for one is refused. */
  | { readonly type: 'end-hooks'; readonly run: number; readonly ms: number }
  /** Answer with `cleared` as soon as nothing of the run is left. */
  | { readonly type: 'watch-survivors'; readonly run: number; readonly pid: number }
  /** An instance has at most one timer: a new one replaces the older one. */
  | { readonly type: 'set-timer'; readonly timer: number; readonly ms: number }
  | { readonly type: 'cancel-timer' }
  /** Tell that this has happened. */
  | { readonly type: 'record'; readonly event: InstanceFact };

/** Whether a program of this instance, or a process that it started, is running or about to start. */
export function isAlive(phase: Phase): boolean {
  switch (phase.name) {
    case 'starting':
    case 'running':
    case 'stopping':
    case 'clearing':
    case 'ending':
      return true;
    case 'idle':
    case 'backoff':
    case 'exited':
    case 'failed':
      return false;
  }
}

/** Whether nothing of it is running, and no restart is pending. */
export function isDown(phase: Phase): boolean {
  return !isAlive(phase) && phase.name !== 'backoff';
}

/** A program of it may live on, though everybody goes on without it. */
export function isUnkillable(phase: Phase): boolean {
  return phase.name === 'failed' && phase.why === 'unkillable';
}

/** Of the program that runs; null while there is none. */
export function pidOf(phase: Phase): number | null {
  return phase.name === 'running' || phase.name === 'stopping' ? phase.pid : null;
}

/** How it came to be down: by the end of its latest run, or because it could neither be started nor be stopped. */
export function endOf({ phase, lastExit }: ProcessState): Exit | null {
  return phase.name === 'failed' && phase.exit.by === 'refusal' ? phase.exit : lastExit;
}
