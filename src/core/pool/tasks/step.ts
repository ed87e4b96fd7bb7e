/**
 * The machine of a pool of long-lived workers. A worker carries out what it was given in order, and its answer to one task
 * is sent before the next one begins. So the first task without an answer is the one that a death has cost; the others
 * were not begun, and go back to the front of the queue in their order.
 */
import {
  AHEAD_MS,
  FIRST_BACKOFF_MS,
  MOST_DEATHS,
  type Outcome,
  type Task,
  type TasksEffect,
  type TasksEvent,
  type TasksSpec,
  type TasksState,
  type Worker,
  type WorkerPhase,
} from './state.ts';

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
    case 'arrived':
      state.lastWorker = Math.max(state.lastWorker, event.worker);
      state.workers.set(event.worker, newWorker(event.worker, 'ready', nowMs));
      return;
    case 'drop-waiting':
      settleWaiting(state, { kind: 'closed' }, effects);
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
      bury(state, worker, event, nowMs, effects);
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

// ---- Tasks -------------------------------------------------------------------------------------------------------

function enqueue<T extends Task>(state: TasksState<T>, task: T): void {
  task.place = 'waiting';
  state.waiting.push(task);
  state.waitingCount += 1;
}

/** In their order, before all others. */
function giveBack<T extends Task>(state: TasksState<T>, tasks: readonly T[]): void {
  for (const task of tasks) task.place = 'waiting';
  state.waiting = [...tasks, ...state.waiting.slice(state.head)];
  state.head = 0;
  state.waitingCount += tasks.length;
}

function nextWaiting<T extends Task>(state: TasksState<T>): T | undefined {
  while (state.head < state.waiting.length) {
    const task = state.waiting[state.head];
    state.waiting[state.head] = undefined;
    state.head += 1;
    if (state.head > 1024 && 2 * state.head > state.waiting.length) {
      state.waiting = state.waiting.slice(state.head);
      state.head = 0;
    }
    if (task?.place !== 'waiting') continue;
    state.waitingCount -= 1;
    return task;
  }
  state.waiting = [];
  state.head = 0;
  return undefined;
}

function settle<T extends Task>(task: T, outcome: Outcome, effects: TasksEffect<T>[]): void {
  if (task.place === 'settled') return;
  task.place = 'settled';
  effects.push({ do: 'settle', task, outcome });
}

/** It is tried again, if it may be. */
function fail<T extends Task>(
  state: TasksState<T>,
  task: T,
  outcome: Outcome,
  effects: TasksEffect<T>[],
): void {
  if (task.place === 'settled') return;
  if (task.retries <= 0 || state.phase === 'ending') return settle(task, outcome, effects);
  task.retries -= 1;
  giveBack(state, [task]);
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

// ---- Workers -----------------------------------------------------------------------------------------------------

function kill<T extends Task>(worker: Worker<T>, task: T | null, effects: TasksEffect<T>[]): void {
  if (worker.phase === 'killed') return;
  worker.phase = 'killed';
  worker.killedFor = task;
  effects.push({ do: 'kill', worker: worker.id });
}

function endIfDone<T extends Task>(worker: Worker<T>, effects: TasksEffect<T>[]): void {
  if (!worker.leaving || worker.phase !== 'ready' || worker.given.length > 0) return;
  worker.phase = 'ending';
  effects.push({ do: 'end', worker: worker.id });
}

function bury<T extends Task>(
  state: TasksState<T>,
  worker: Worker<T>,
  { exit, reason, wasStopped = false }: Extract<TasksEvent<T>, { readonly type: 'exited' }>,
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
  if (isOurs || wasStopped || state.phase === 'ending') return;
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

function settleWaiting<T extends Task>(
  state: TasksState<T>,
  outcome: Outcome,
  effects: TasksEffect<T>[],
): void {
  for (let task = nextWaiting(state); task !== undefined; task = nextWaiting(state))
    settle(task, outcome, effects);
}

function giveUp<T extends Task>(state: TasksState<T>, outcome: Outcome, effects: TasksEffect<T>[]): void {
  state.phase = 'ending';
  settleWaiting(state, outcome, effects);
  for (const worker of state.workers.values()) {
    for (const task of worker.given) settle(task, outcome, effects);
    kill(worker, null, effects);
  }
}

/** To the one that has least to do. */
function giveAll<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  const ahead = Math.floor(AHEAD_MS / state.taskMs) || 1;
  const most = Math.max(1, Math.min(spec.mostAhead, ahead));
  while (state.waitingCount > 0) {
    const worker = leastBusy(state, most);
    const task = worker && nextWaiting(state);
    if (worker === undefined || task === undefined) return;
    give(spec, worker, task, nowMs, effects);
  }
}

function leastBusy<T extends Task>(state: TasksState<T>, most: number): Worker<T> | undefined {
  let least: Worker<T> | undefined;
  for (const worker of state.workers.values()) {
    if (worker.phase !== 'ready' || worker.leaving || worker.given.length >= most) continue;
    // A task that its worker may be killed for has nothing behind it, which would be carried out twice then.
    if (worker.given.at(-1)?.alone === true) continue;
    if (least === undefined || worker.given.length < least.given.length) least = worker;
  }
  return least;
}

function give<T extends Task>(
  spec: TasksSpec,
  worker: Worker<T>,
  task: T,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  task.place = 'given';
  task.worker = worker.id;
  worker.given.push(task);
  worker.taken += 1;
  if (worker.taken >= spec.recycleAfter) worker.leaving = true;
  effects.push({ do: 'give', worker: worker.id, task });
  if (worker.given.length > 1) return;
  worker.begunMs = nowMs;
  watchTime(worker, effects);
}

function watchTime<T extends Task>(worker: Worker<T>, effects: TasksEffect<T>[]): void {
  const task = worker.given[0];
  if (task?.place === 'settled') return kill(worker, task, effects);
  if (task === undefined || task.timeoutMs === Infinity) return;
  effects.push({ do: 'timeout', worker: worker.id, task, ms: task.timeoutMs });
}

function watchIdle<T extends Task>(spec: TasksSpec, worker: Worker<T>, effects: TasksEffect<T>[]): void {
  if (spec.idleMs === Infinity || worker.phase !== 'ready') return;
  effects.push({ do: 'idle', worker: worker.id, ms: spec.idleMs });
}

/** As many as there is work for. */
function startMissing<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  if (state.waitingCount === 0 || state.phase === 'ending' || nowMs < state.startAfterMs) return;
  if (state.workers.size >= spec.size) return;
  let starting = 0;
  for (const { phase } of state.workers.values()) if (phase === 'starting') starting += 1;
  while (state.workers.size < spec.size && starting < state.waitingCount) {
    starting += 1;
    const id = (state.lastWorker += 1);
    state.workers.set(id, newWorker(id, 'starting', nowMs));
    effects.push({ do: 'start', worker: id });
    // After deaths one alone has to show that it is worth it.
    if (state.deathsInRow > 0) return;
  }
}

function newWorker<T extends Task>(id: number, phase: WorkerPhase, begunMs: number): Worker<T> {
  return { id, phase, given: [], taken: 0, begunMs, leaving: false, killedFor: null };
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
