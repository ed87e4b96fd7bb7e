/**
 * Runs the stages of a pipeline until they exit. Bytes go from stage to stage through the kernel; only starts, exits and
 * stop requests are handled here. If a pipeline ends by itself, background processes of its stages keep running, as in a
 * shell; if it was stopped, nothing is left.
 */
import type { Exit } from '../core/process/exit.ts';
import {
  newPipeline,
  stepPipeline,
  type PipelineEffect,
  type PipelineEvent,
  type StageState,
} from '../core/pipeline/run.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { Clock } from '../ports/clock.ts';
import type { StageLauncher, StagesRequest } from '../ports/pipelines.ts';
import type { StopSignals } from './stop-signals.ts';
import { sweep } from './sweep.ts';

export interface RunPipelineOptions extends Omit<StagesRequest, 'stdin' | 'stdout'> {
  readonly launcher: StageLauncher;
  readonly stopSignals: StopSignals;
  readonly clock: Clock;
  /** Default: our own, 0. */
  readonly stdin?: number;
  /** Default: our own, 1. */
  readonly stdout?: number;
  /** Time between the first stop request and SIGKILL. Default: 10,000. */
  readonly graceMs?: number;
  /** Called in the same turn as the event, so that measuring is not late. */
  readonly onSpawned?: (stage: number, pid: number) => void;
  readonly onEnded?: (stage: number) => void;
}

/** Times by the clock's `now`. `pid` and `startedAtMs` are null for a stage that could not be started. */
export interface StageEnd {
  readonly pid: number | null;
  readonly exit: Exit;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number;
}

export interface RunningPipeline {
  /** Every stage has been started, or could not be: the descriptors may be closed. Never rejects. */
  readonly started: Promise<void>;
  /** The end of each stage, first to last. Never rejects. */
  readonly ended: Promise<readonly StageEnd[]>;
  readonly stages: () => readonly StageState[];
  /**
   * Passes a signal on to all stages; the first one starts the grace period before SIGKILL. `heard`: the terminal has
   * already sent it to our whole process group.
   */
  stop(signal: SignalName, options?: { readonly heard?: boolean }): void;
  /** Sends SIGKILL to all stages at once. */
  kill(): void;
}

export function runPipeline(options: RunPipelineOptions): RunningPipeline {
  const { launcher, stopSignals, clock, runId, root, stages, graceMs = 10_000 } = options;
  const { stdin = 0, stdout = 1, stderr = 2 } = options;
  let state = newPipeline(stages.length);
  let cancelTimer = (): void => undefined;
  let toBeTold = stages.length;
  const started = createSignal<undefined>();
  const ended = createSignal<readonly StageEnd[]>();

  const perform = (effect: PipelineEffect): void => {
    switch (effect.type) {
      case 'signal':
        for (const pid of effect.pids) launcher.signal(pid, effect.signal);
        if (effect.reach === 'all') stopSignals.toAll(runId, effect.signal, effect.pids);
        break;
      case 'set-timer':
        cancelTimer();
        cancelTimer = clock.after(effect.ms, () => take({ type: 'grace-over' }));
        break;
      case 'cancel-timer':
        cancelTimer();
        break;
      case 'finish':
        void finish(effect.sweep);
        break;
    }
  };

  const take = (event: PipelineEvent): void => {
    const { state: next, effects } = stepPipeline(state, event, clock.now());
    state = next;
    for (const effect of effects) perform(effect);
  };

  const finish = async (isStopped: boolean): Promise<void> => {
    const ends = state.stages.filter((stage) => stage.phase === 'ended');
    if (isStopped) await sweep(stopSignals, runId, graceMs, clock);
    ended.settle(
      ends.map(({ pid, exit, startedAtMs, endedAtMs }) => ({ pid, exit, startedAtMs, endedAtMs })),
    );
  };

  const oneIsTold = (): void => {
    toBeTold -= 1;
    if (toBeTold === 0) started.settle(undefined);
  };

  launcher.launch(
    { runId, root, stages, stdin, stdout, stderr },
    {
      spawned(stage, pid) {
        options.onSpawned?.(stage, pid);
        oneIsTold();
        take({ type: 'spawned', stage, pid });
      },
      refused(stage, exit) {
        oneIsTold();
        take({ type: 'refused', stage, exit });
      },
      exited(stage, exit) {
        options.onEnded?.(stage);
        take({ type: 'exited', stage, exit });
      },
    },
  );

  return {
    started: started.promise,
    ended: ended.promise,
    stages: () => state.stages,
    stop: (signal, { heard = false } = {}) => take({ type: 'stop', signal, graceMs, heard }),
    kill: () => take({ type: 'kill' }),
  };
}

interface Signal<T> {
  readonly promise: Promise<T>;
  readonly settle: (value: T) => void;
}

function createSignal<T>(): Signal<T> {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return { promise, settle };
}
