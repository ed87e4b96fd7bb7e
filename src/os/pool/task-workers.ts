/**
 * Programs that carry out tasks, one message in and one answer out: the machine of `core/pool/tasks` decides which task goes
 * to which worker, and their links carry it. Who starts the workers is left open: those of `procsup pool --worker` are started
 * when there are tasks for them, those of procsup.yaml are instances of the fleet.
 */
import { createTasksDriver, type TasksDriver } from '../../core/pool/tasks/driver.ts';
import type { Outcome, Task, TasksSpec } from '../../core/pool/tasks/state.ts';
import type { Exit } from '../../core/process/exit.ts';
import { publicExitOf, type PublicExit } from '../../core/process/public-exit.ts';
import { systemClock } from '../clock.ts';
import type { LineCodec } from '../worker/line-framing.ts';
import { takesTooMuch } from '../worker/memory.ts';
import type { WorkerEvents, WorkerProcess } from './worker-process.ts';

export interface SentTask extends Task {
  readonly message: Uint8Array;
  /** An Error: what the worker has written is no answer. */
  answer: Buffer | Error | undefined;
}

export interface TaskWorkersOptions<T extends SentTask> {
  readonly spec: TasksSpec;
  readonly codec: LineCodec;
  /** Of JSON: a string is given as its text, and what is no JSON is no answer. */
  readonly isJson: boolean;
  /** A worker that takes more is replaced when it has answered; Infinity: no limit. */
  readonly mostBytes: () => number;
  /** The machine wants a worker. */
  readonly start?: (id: number) => void;
  readonly settle: (task: T, outcome: Outcome) => void;
  /** Called before what its end means for its task. */
  readonly gone?: (id: number) => void;
  /** Too many have died in a row: the exit of the last one. */
  readonly failed: (exit: PublicExit) => void;
  readonly ended?: () => void;
}

export interface TaskWorkers<T extends SentTask> extends TasksDriver<T> {
  /** A worker of this number begins to live; `begin` is given what is to be told of it. */
  enter(id: number, begin: (events: TaskWorkerEvents) => WorkerProcess): void;
  /** Whether the worker of this task still has it. */
  isAt(task: T): boolean;
}

export interface TaskWorkerEvents extends Omit<WorkerEvents, 'message' | 'exited'> {
  /** False: nobody has asked for it. */
  message(bytes: Buffer): boolean;
  /** What it writes is no answer, and it is being killed for that. */
  spoil(why: string): void;
  /** `wasStopped`: from outside the pool, so it does not count as one of its deaths. */
  exited(exit: Exit, wasStopped?: boolean): void;
}

interface Entry<T extends SentTask> {
  process: WorkerProcess | undefined;
  task: T | undefined;
  lookedMs: number;
  cancelTimeout: () => void;
}

export function createTaskWorkers<T extends SentTask>(options: TaskWorkersOptions<T>): TaskWorkers<T> {
  const { codec, isJson, mostBytes } = options;
  const workers = new Map<number, Entry<T>>();

  const driver = createTasksDriver<T>(
    options.spec,
    () => systemClock.now(),
    (effect) => {
      switch (effect.do) {
        case 'start':
          return options.start?.(effect.worker);
        case 'give': {
          const worker = workers.get(effect.worker);
          if (worker === undefined) return;
          worker.task = effect.task;
          effect.task.answer = undefined;
          return worker.process?.send(effect.task.message);
        }
        case 'settle':
          return options.settle(effect.task, effect.outcome);
        case 'kill':
          return workers.get(effect.worker)?.process?.kill();
        case 'end':
          return workers.get(effect.worker)?.process?.end();
        case 'timeout': {
          const { worker: id, task, ms } = effect;
          const worker = workers.get(id);
          if (worker === undefined) return;
          worker.cancelTimeout();
          worker.cancelTimeout = systemClock.after(ms, () =>
            driver.handle({ type: 'timeout', worker: id, task }),
          );
          return;
        }
        case 'start-later':
          return void systemClock.after(effect.ms, () => driver.handle({ type: 'start' }));
        case 'failed':
          return options.failed(effect.exit);
        case 'ended':
          return options.ended?.();
        case 'idle':
          return;
      }
    },
  );

  const answerOf = (bytes: Buffer): Buffer | Error => {
    if (!isJson) return Buffer.from(bytes);
    try {
      const value = codec.decode(bytes);
      return typeof value === 'string' ? Buffer.from(value) : Buffer.from(bytes);
    } catch (error) {
      return new Error(`invalid answer of the worker: ${(error as Error).message}`);
    }
  };

  return {
    ...driver,
    enter(id, begin) {
      const worker: Entry<T> = {
        ...{ process: undefined, task: undefined, lookedMs: -Infinity },
        cancelTimeout: () => undefined,
      };
      workers.set(id, worker);
      worker.process = begin({
        ready: () => driver.handle({ type: 'ready', worker: id }),
        message(bytes) {
          const { task, process } = worker;
          if (task === undefined || process === undefined) return false;
          worker.task = undefined;
          worker.cancelTimeout();
          task.answer = answerOf(bytes);
          driver.handle({ type: 'result', worker: id, failed: task.answer instanceof Error });
          const measured = { process, lookedMs: worker.lookedMs };
          if (takesTooMuch(measured, mostBytes(), systemClock.now()))
            driver.handle({ type: 'recycle', worker: id });
          worker.lookedMs = measured.lookedMs;
          return true;
        },
        spoil(why) {
          if (worker.task !== undefined) worker.task.answer = new Error(why);
        },
        exited(exit, wasStopped = false) {
          worker.cancelTimeout();
          workers.delete(id);
          options.gone?.(id);
          const told = { worker: id, exit: publicExitOf(exit), reason: undefined, wasStopped };
          driver.handle({ type: 'exited', ...told });
        },
      });
    },
    isAt: (task) => workers.get(task.worker)?.task === task,
  };
}
