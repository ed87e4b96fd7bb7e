/** `createPool()`: long-lived workers in processes of their own, by the machine of `core/pool/tasks`. */
import { availableParallelism } from 'node:os';
import { createTasksDriver } from '../../core/pool/tasks/driver.ts';
import type { Outcome, Task, TasksEffect, TasksSpec } from '../../core/pool/tasks/state.ts';
import { workerEnd } from '../../core/pool/tasks/worker-end.ts';
import { systemClock } from '../../os/clock.ts';
import { takesTooMuch } from '../../os/worker/memory.ts';
import { listenToAbort } from '../listen-to-abort.ts';
import { readPool, readTask } from './arguments.ts';
import { PoolError, WorkerDiedError } from './error.ts';
import { imapOver } from './imap.ts';
import { mapOver } from './map.ts';
import type { ImapOptions, MapOptions, PoolOptions, TaskOptions } from './options.ts';
import type { Submitted, SubmitTo } from './submit.ts';
import { startWorker, type PoolWorker } from './worker.ts';

/** Runs tasks in worker processes. All of its promises settle, wherever a worker dies. */
export interface Pool<Value = unknown, Result = unknown> {
  /** Workers that run now. */
  readonly workers: number;
  /**
   * Resolves with the result. Rejects with a `PoolError`, with a `WorkerDiedError`, or with the reason of `signal`. A value
   * or result without a structured clone rejects this task as if it had thrown.
   */
  run(value: Value, options?: TaskOptions): Promise<Result>;
  /** The results in the order of the values, which are read as there is room. Rejects as `run`. */
  map(values: Iterable<Value> | AsyncIterable<Value>, options?: MapOptions): Promise<Result[]>;
  /** Results as they are taken: no value is read before there is room for it. Leaving the loop aborts what is left. */
  imap(
    values: Iterable<Value> | AsyncIterable<Value>,
    options?: ImapOptions,
  ): AsyncGenerator<Result, void, undefined>;
  /** Takes no more tasks; resolves when all are done and all workers have ended. */
  close(): Promise<void>;
  /** Rejects all tasks, kills the workers, and resolves when they are gone. */
  terminate(): Promise<void>;
  /** `await using pool = createPool(...)`: `close` at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface PoolTask extends Task {
  readonly value: unknown;
  readonly isChunk: boolean;
  answer: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  stopListening: (() => void) | undefined;
}

/** Of a worker that does one task after another, so that nothing but the first one may have been begun. */
const MOST_AHEAD = 256;

/**
 * Makes a pool of processes that call a function of a module for each value, or of programs in any language.
 *
 *     await using pool = createPool<number, number>({ module: { file: 'square.js' }, size: 4 });
 *     const squares = await pool.map([1, 2, 3]);
 *
 * A worker that dies costs the one task that it was carrying out, and is replaced; those that wait for it are given to
 * others. Throws a TypeError for wrong options. Like daemons of `Process` the workers never outlive us.
 */
export function createPool<Value = unknown, Result = unknown>(options: PoolOptions): Pool<Value, Result> {
  const { program, place, maxMemoryBytes, ...rest } = readPool(options, availableParallelism());
  const spec: TasksSpec = { ...rest, mostAhead: program.kind === 'module' ? MOST_AHEAD : 1 };
  const workers = new Map<
    number,
    { readonly process: PoolWorker; cancel: (() => void) | undefined; lookedMs: number }
  >();
  const unflushed = new Set<PoolWorker>();
  let isFlushing = false;
  let open = 0;
  let failure: PoolError | undefined;
  let hasEnded = (): void => undefined;
  const ended = new Promise<void>((resolve) => (hasEnded = resolve));

  const flush = (): void => {
    isFlushing = false;
    for (const worker of unflushed) worker.flush();
    unflushed.clear();
  };

  const hold = (isHeld: boolean): void => {
    for (const { process: worker } of workers.values()) worker.hold(isHeld);
  };

  function perform(effect: TasksEffect<PoolTask>): void {
    if (effect.do === 'settle') return settle(effect.task, effect.outcome);
    if (effect.do === 'failed') {
      const why =
        effect.reason instanceof Error
          ? `: ${effect.reason.message}`
          : `: the last one ${workerEnd(effect.exit)}`;
      const cause = effect.reason === undefined ? {} : { cause: effect.reason };
      failure = new PoolError(
        'FAILED',
        `the pool has failed: five workers in a row ended without a result${why}`,
        cause,
      );
      return;
    }
    if (effect.do === 'ended') return hasEnded();
    if (effect.do === 'start-later')
      return void systemClock.after(effect.ms, () => handle({ type: 'start' }));
    if (effect.do === 'start') return start(effect.worker);
    const worker = workers.get(effect.worker);
    if (worker === undefined) return;
    switch (effect.do) {
      case 'give':
        worker.cancel?.();
        worker.process.give(effect.task.value, effect.task.isChunk);
        unflushed.add(worker.process);
        // All that the answers of one turn bring is one write.
        if (!isFlushing) setImmediate(flush);
        isFlushing = true;
        return;
      case 'kill':
        return worker.process.kill();
      case 'end':
        return worker.process.end();
      case 'timeout': {
        const { task } = effect;
        worker.cancel = systemClock.after(effect.ms, () =>
          handle({ type: 'timeout', worker: effect.worker, task }),
        );
        return;
      }
      case 'idle':
        worker.cancel = systemClock.after(effect.ms, () => handle({ type: 'idle', worker: effect.worker }));
        return;
    }
  }

  const { state, handle } = createTasksDriver<PoolTask>(spec, () => systemClock.now(), perform);

  const start = (id: number): void => {
    const name = `worker-${id}`;
    const process = startWorker(
      program,
      { ...place, name },
      {
        ready: () => handle({ type: 'ready', worker: id }),
        answered(answer) {
          const task = state.workers.get(id)?.given[0];
          if (task === undefined) return;
          workers.get(id)?.cancel?.();
          const failed = 'error' in answer;
          task.answer = failed ? answer.error : answer.value;
          handle({ type: 'result', worker: id, failed });
          const worker = workers.get(id);
          if (worker !== undefined && takesTooMuch(worker, maxMemoryBytes, systemClock.now()))
            handle({ type: 'recycle', worker: id });
        },
        exited(exit, reason) {
          workers.get(id)?.cancel?.();
          workers.delete(id);
          handle({ type: 'exited', worker: id, exit, reason });
        },
      },
    );
    workers.set(id, { process, cancel: undefined, lookedMs: 0 });
  };

  const settle = (task: PoolTask, outcome: Outcome): void => {
    task.stopListening?.();
    open -= 1;
    if (open === 0) hold(false);
    const { answer } = task;
    if (outcome.kind === 'result') task.resolve(answer);
    // Whoever has aborted it is told by its signal.
    else if (outcome.kind === 'aborted') task.reject(answer);
    else task.reject(errorFor(task, outcome, failure));
  };

  const submitTo: SubmitTo = (value, given, isChunk, resolve, reject) => {
    const { signal, timeoutMs, retries } = readTask(given);
    // Without spreading: this is done for each task.
    const task: PoolTask = {
      value,
      isChunk,
      retries,
      timeoutMs,
      resolve,
      reject,
      alone: signal !== undefined || timeoutMs !== Infinity,
      place: 'new',
      worker: 0,
      answer: undefined,
      stopListening: undefined,
    };
    if (signal?.aborted === true) {
      task.place = 'settled';
      reject(signal.reason);
      return task;
    }
    if (signal !== undefined) {
      task.stopListening = listenToAbort(signal, () => {
        task.answer = signal.reason;
        handle({ type: 'abort', task });
      });
    }
    open += 1;
    if (open === 1) hold(true);
    handle({ type: 'submit', task });
    return task;
  };

  /** Unless a worker has it already. */
  const withdraw = (task: Submitted): void => {
    if (task.place === 'waiting') handle({ type: 'abort', task: task as PoolTask });
  };

  const submit = (value: unknown, given: TaskOptions = {}): Promise<unknown> => {
    readTask(given);
    return new Promise((resolve, reject) => void submitTo(value, given, false, resolve, reject));
  };

  const close = async (): Promise<void> => {
    hold(true);
    handle({ type: 'close' });
    await ended;
  };

  return {
    get workers() {
      return workers.size;
    },
    run: (value, given) => submit(value, given) as Promise<Result>,
    map: (values, given) => mapOver<Value, Result>(submitTo, withdraw, values, spec.size, given),
    imap: (values, given) => imapOver<Value, Result>(submitTo, values, spec.size, given),
    close,
    async terminate() {
      hold(true);
      handle({ type: 'terminate' });
      await ended;
    },
    [Symbol.asyncDispose]: close,
  };
}

function errorFor(task: PoolTask, outcome: Outcome, failure: PoolError | undefined): Error {
  switch (outcome.kind) {
    case 'died':
      return new WorkerDiedError(outcome.exit, task.value);
    case 'thrown': {
      const cause = task.answer as Error;
      return new PoolError('THREW', `the task threw ${cause.name}: ${cause.message}`, { cause });
    }
    case 'timeout':
      return new PoolError('TIMEOUT', `the task timed out after ${task.timeoutMs} ms`);
    case 'terminated':
      return new PoolError('TERMINATED', 'the pool was terminated');
    case 'failed':
    case 'closed':
    case 'result':
    case 'aborted':
      return failure ?? new PoolError('CLOSED', 'the pool is closed');
  }
}
