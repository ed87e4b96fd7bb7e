/**
 * The machine of a pool of long-lived workers. A worker carries out what it was given in order, and its answer to one task
 * is sent before the next one begins. So the first task without an answer is the one that a death has cost; the others
 * were not begun, and go back to the front of the queue in their order.
 */
import type { PublicExit } from '../../process/public-exit.ts';
import { fail, enqueue, giveBack, nextWaiting, settle } from './queue.ts';
import {
  FIRST_BACKOFF_MS,
  MOST_DEATHS,
  type Outcome,
  type Task,
  type TasksEffect,
  type TasksEvent,
  type TasksSpec,
  type TasksState,
  type Worker,
} from './state.ts';
import { endIfDone, giveAll, kill, startMissing, watchIdle, watchTime } from './workers.ts';

/** Changes `state`, and adds to `effects` what is to be done. */
export function stepTasks<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  event: TasksEvent<T>,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  decide(spec, state, event, nowMs, effects);
  if (state.phase === 'ended') return;
  giveAll(spec, state, nowMs, effects);
  startMissing(spec, state, nowMs, effects);
  if (state.phase !== 'open') endAll(state, effects);
}

function decide<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  event: TasksEvent<T>,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  switch (event.type) {
    case 'submit':
      if (state.phase === 'open') enqueue(state, event.task);
      else settle(event.task, { kind: state.phase === 'draining' ? 'closed' : 'failed' }, effects);
      return;
    case 'ready':
    case 'result':
    case 'exited':
    case 'recycle':
    case 'timeout':
    case 'idle': {
      const worker = state.workers.get(event.worker);
      if (worker !== undefined) decideWorker(spec, state, worker, event, nowMs, effects);
      return;
    }
    case 'abort':
      abort(state, event.task, effects);
      return;
    case 'start':
      state.startAfterMs = 0;
      return;
    case 'close':
      if (state.phase === 'open') state.phase = 'draining';
      return;
    case 'terminate':
      if (state.phase === 'open' || state.phase === 'draining')
        giveUp(state, { kind: 'terminated' }, effects);
      return;
  }
}

type WorkerEvent<T extends Task> = Extract<TasksEvent<T>, { readonly worker: number }>;

function decideWorker<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  worker: Worker<T>,
  event: WorkerEvent<T>,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  switch (event.type) {
    case 'ready':
      if (worker.phase === 'starting') worker.phase = 'ready';
      watchIdle(spec, worker, effects);
      return;
    case 'result':
      takeResult(spec, state, worker, event.failed, nowMs, effects);
      return;
    case 'exited':
      bury(state, worker, event.exit, event.reason, nowMs, effects);
      return;
    case 'recycle':
      worker.leaving = true;
      endIfDone(worker, effects);
      return;
    case 'timeout':
      if (worker.given[0] !== event.task || worker.phase !== 'ready') return;
      kill(worker, event.task, effects);
      fail(state, event.task, { kind: 'timeout' }, effects);
      return;
    case 'idle':
      if (worker.phase !== 'ready' || worker.given.length > 0) return;
      worker.leaving = true;
      endIfDone(worker, effects);
      return;
  }
}

function takeResult<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  worker: Worker<T>,
  failed: boolean,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  const task = worker.given[0];
  // What a killed worker has still answered counts, unless it was killed for this very task.
  if (task === undefined || worker.killedFor === task) return;
  worker.given.shift();
  const tookMs = nowMs - worker.begunMs;
  state.taskMs = Number.isNaN(state.taskMs) ? tookMs : state.taskMs + (tookMs - state.taskMs) / 8;
  worker.begunMs = nowMs;
  state.deathsInRow = 0;
  if (failed) fail(state, task, { kind: 'thrown' }, effects);
  else settle(task, { kind: 'result' }, effects);
  watchTime(worker, effects);
  if (worker.given.length > 0) return;
  endIfDone(worker, effects);
  watchIdle(spec, worker, effects);
}

function abort<T extends Task>(state: TasksState<T>, task: T, effects: TasksEffect<T>[]): void {
  const { place } = task;
  if (place === 'settled') return;
  if (place === 'waiting') state.waitingCount -= 1;
  settle(task, { kind: 'aborted' }, effects);
  if (place !== 'given') return;
  const worker = state.workers.get(task.worker);
  // One that it has not begun cannot be taken back from it: the worker is killed when it has come to it.
  if (worker?.phase === 'ready' && worker.given[0] === task) kill(worker, task, effects);
}

function bury<T extends Task>(
  state: TasksState<T>,
  worker: Worker<T>,
  exit: PublicExit,
  reason: unknown,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  state.workers.delete(worker.id);
  const { given, killedFor, phase } = worker;
  // For a task that was settled or given back when the worker was killed, nobody else has to pay.
  const isOurs = phase === 'killed' || phase === 'ending';
  const costs = killedFor === null && phase !== 'killed' ? given[0] : undefined;
  const others = given.filter((task) => task !== killedFor && task !== costs && task.place === 'given');
  if (state.phase !== 'ending') giveBack(state, others);
  if (costs !== undefined) fail(state, costs, { kind: 'died', exit }, effects);
  if (isOurs || state.phase === 'ending') return;
  state.deathsInRow += 1;
  if (state.deathsInRow >= MOST_DEATHS) {
    effects.push({ do: 'failed', exit, reason });
    giveUp(state, { kind: 'failed' }, effects);
    return;
  }
  if (state.deathsInRow === 1) return;
  const ms = FIRST_BACKOFF_MS * 2 ** (state.deathsInRow - 2);
  state.startAfterMs = nowMs + ms;
  effects.push({ do: 'start-later', ms });
}

function giveUp<T extends Task>(state: TasksState<T>, outcome: Outcome, effects: TasksEffect<T>[]): void {
  state.phase = 'ending';
  for (let task = nextWaiting(state); task !== undefined; task = nextWaiting(state))
    settle(task, outcome, effects);
  for (const worker of state.workers.values()) {
    for (const task of worker.given) settle(task, outcome, effects);
    kill(worker, null, effects);
  }
}

function endAll<T extends Task>(state: TasksState<T>, effects: TasksEffect<T>[]): void {
  if (state.phase === 'draining' && state.waitingCount > 0) return;
  for (const worker of state.workers.values()) {
    worker.leaving = true;
    if (worker.phase === 'starting') kill(worker, null, effects);
    else endIfDone(worker, effects);
  }
  if (state.workers.size > 0) return;
  state.phase = 'ended';
  effects.push({ do: 'ended' });
}
