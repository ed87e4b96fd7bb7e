/**
 * The state machine of a running pipeline: which stages are running, and how they are stopped.
 *
 *     waiting --spawned--> running --exited--> ended        (refused: at once)
 *
 * The exit of one stage ends no other: its neighbors notice it by an end of file or SIGPIPE, as in a shell. A stop request
 * goes to all stages and their descendants. Processes that are still running after the grace period are killed, and a
 * stage that starts only then is signalled at once.
 */
import type { Exit } from '../process/exit.ts';
import type { SignalName } from '../process/signals.ts';
import { lastRung, stopLadder, type StopLadder } from '../process/stop-ladder.ts';

export type StageState =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'running'; readonly pid: number; readonly startedAtMs: number }
  | EndedStage;

/** Times by `now` of the events; `pid` and `startedAtMs` are null when it could not be started. */
export interface EndedStage {
  readonly phase: 'ended';
  readonly pid: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number;
  readonly exit: Exit;
}

export interface PipelineState {
  readonly stages: readonly StageState[];
  /** The first stop request, and its progress. */
  readonly stop: { readonly signal: SignalName; readonly ladder: StopLadder; readonly rung: number } | null;
}

export type PipelineEvent =
  | { readonly type: 'spawned'; readonly stage: number; readonly pid: number }
  | { readonly type: 'refused' | 'exited'; readonly stage: number; readonly exit: Exit }
  /** `heard`: all stages have had the signal already, from the terminal. */
  | { readonly type: 'stop'; readonly signal: SignalName; readonly graceMs: number; readonly heard: boolean }
  | { readonly type: 'kill' }
  | { readonly type: 'grace-over' };

export type PipelineEffect =
  /** `pids` are stages that run; `reach` is `all` when it is meant for everything they have started as well. */
  | {
      readonly type: 'signal';
      readonly pids: readonly number[];
      readonly signal: SignalName;
      readonly reach: 'stages' | 'all';
    }
  /** Replaces the one that is set. */
  | { readonly type: 'set-timer'; readonly ms: number }
  | { readonly type: 'cancel-timer' }
  /** All stages have exited; once. `sweep`: background processes are to be stopped as well. */
  | { readonly type: 'finish'; readonly sweep: boolean };

export interface PipelineStep {
  readonly state: PipelineState;
  readonly effects: readonly PipelineEffect[];
}

const KILL_AT_ONCE = stopLadder('SIGKILL', 0);

export function newPipeline(count: number): PipelineState {
  return { stages: Array.from({ length: count }, () => ({ phase: 'waiting' })), stop: null };
}

export function stepPipeline(state: PipelineState, event: PipelineEvent, nowMs: number): PipelineStep {
  // Late events have no effect: of a stage that was given up, or of an old timer.
  if (hasEnded(state)) return { state, effects: [] };
  switch (event.type) {
    case 'spawned':
      return onSpawned(state, event.stage, event.pid, nowMs);
    case 'refused':
    case 'exited':
      return onEnded(state, event.stage, event.exit, nowMs);
    case 'stop':
      return onStop(state, event);
    case 'kill':
      return climb(
        { ...state, stop: state.stop ?? { signal: 'SIGKILL', ladder: KILL_AT_ONCE, rung: 0 } },
        'last',
      );
    case 'grace-over':
      return onGraceOver(state, nowMs);
  }
}

export const hasEnded = ({ stages }: PipelineState): boolean =>
  stages.every(({ phase }) => phase === 'ended');

export const runningPids = ({ stages }: PipelineState): readonly number[] =>
  stages.flatMap((stage) => (stage.phase === 'running' ? [stage.pid] : []));

function onSpawned(state: PipelineState, index: number, pid: number, nowMs: number): PipelineStep {
  const next = withStage(state, index, { phase: 'running', pid, startedAtMs: nowMs });
  const { stop } = state;
  if (stop === null) return { state: next, effects: [] };
  const signal = stop.rung === 0 ? stop.signal : (stop.ladder[stop.rung] ?? stop.ladder[0]).signal;
  return { state: next, effects: [{ type: 'signal', pids: [pid], signal, reach: 'stages' }] };
}

function onEnded(state: PipelineState, index: number, exit: Exit, nowMs: number): PipelineStep {
  const next = withStage(state, index, endOf(state.stages[index], exit, nowMs));
  return { state: next, effects: hasEnded(next) ? finish(next) : [] };
}

function endOf(stage: StageState | undefined, exit: Exit, endedAtMs: number): StageState {
  if (stage?.phase === 'ended') return stage;
  const { pid, startedAtMs } = stage?.phase === 'running' ? stage : { pid: null, startedAtMs: null };
  return { phase: 'ended', pid, startedAtMs, endedAtMs, exit };
}

function onStop(state: PipelineState, event: Extract<PipelineEvent, { type: 'stop' }>): PipelineStep {
  const { signal, graceMs, heard } = event;
  const pids = runningPids(state);
  const effects: PipelineEffect[] = [];
  if (!heard) {
    effects.push({ type: 'signal', pids, signal, reach: 'all' });
    // A stopped process acts on a polite signal only when it is continued.
    effects.push({ type: 'signal', pids, signal: 'SIGCONT', reach: 'all' });
  }
  // Another signal is passed on, and buys no time.
  if (state.stop !== null) return { state, effects };
  effects.push({ type: 'set-timer', ms: graceMs });
  return { state: { ...state, stop: { signal, ladder: stopLadder(signal, graceMs), rung: 0 } }, effects };
}

function onGraceOver(state: PipelineState, nowMs: number): PipelineStep {
  const { stop } = state;
  if (stop === null) return { state, effects: [] };
  if (stop.rung < lastRung(stop.ladder)) return climb(state, 'next');
  // A process that hangs in a system call may survive SIGKILL: do not wait for it for ever.
  const exit: Exit = { by: 'refusal', error: 'EBUSY', message: 'it does not die of SIGKILL' };
  const next = { ...state, stages: state.stages.map((stage) => endOf(stage, exit, nowMs)) };
  return { state: next, effects: finish(next) };
}

function climb(state: PipelineState, to: 'next' | 'last'): PipelineStep {
  const { stop } = state;
  if (stop === null) return { state, effects: [] };
  const rung = to === 'last' ? lastRung(stop.ladder) : stop.rung + 1;
  const { signal, graceMs } = stop.ladder[rung] ?? stop.ladder[0];
  return {
    state: { ...state, stop: { ...stop, rung } },
    effects: [
      { type: 'signal', pids: runningPids(state), signal, reach: 'all' },
      { type: 'set-timer', ms: graceMs },
    ],
  };
}

function finish({ stop }: PipelineState): readonly PipelineEffect[] {
  return [{ type: 'cancel-timer' }, { type: 'finish', sweep: stop !== null }];
}

function withStage(state: PipelineState, index: number, stage: StageState): PipelineState {
  return { ...state, stages: state.stages.with(index, stage) };
}
