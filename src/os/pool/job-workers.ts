/**
 * Long-lived workers in place of the shells of a pool: a job is one message to a worker, and the answer is its output. The
 * pool decides which job comes next, what is tried again and what is stopped; the machine of `core/pool/tasks`, which has at
 * most as many tasks as the pool has slots, gives them to workers, and replaces those that died.
 */
import { createTasksDriver } from '../../core/pool/tasks/driver.ts';
import {
  MOST_DEATHS,
  type Outcome,
  type Task,
  type TasksEffect,
  type TasksSpec,
} from '../../core/pool/tasks/state.ts';
import { bytesOfValue } from '../../core/pool/quote-value.ts';
import type { Exit } from '../../core/process/exit.ts';
import { workerEnd } from '../../core/pool/tasks/worker-end.ts';
import { exitOfPublic, publicExitOf, type PublicExit } from '../../core/process/public-exit.ts';
import type { JobEvents, JobShells, OutputStream } from '../../ports/pool.ts';
import { systemClock } from '../clock.ts';
import { createLineCodec, type Framing } from '../worker/line-framing.ts';
import { takesTooMuch } from '../worker/memory.ts';
import { startWorkerProcess, type WorkerPlace, type WorkerProcess } from './worker-process.ts';

export interface JobWorkersOptions extends WorkerPlace {
  readonly slots: number;
  readonly runTag: string;
  readonly framing: Framing;
  /** A worker that was given so many messages is replaced; Infinity: never. */
  readonly recycleAfter: number;
  /** One that takes more is replaced when it has answered; Infinity: no limit. */
  readonly maxMemoryBytes: number;
  /** From where `JobEvents.data` is read. */
  readonly area: Uint8Array;
}

interface JobTask extends Task {
  readonly slot: number;
  readonly message: Uint8Array;
  readonly job: JobEvents;
  answer: Buffer | Error | undefined;
}

interface Worker {
  readonly process: WorkerProcess;
  task: JobTask | undefined;
  /** Its job was stopped, and has ended when it has. */
  stopped: JobTask | undefined;
  lookedMs: number;
}

const NEWLINE = Buffer.from('\n');
const DONE: Exit = { by: 'code', code: 0 };
const FAILED: Exit = { by: 'code', code: 1 };
const KILLED: Exit = { by: 'signal', signal: 'SIGKILL' };

export function createJobWorkers(options: JobWorkersOptions): JobShells {
  const { slots, runTag, framing, recycleAfter, maxMemoryBytes, area } = options;
  const spec: TasksSpec = { size: slots, recycleAfter, idleMs: Infinity, mostAhead: 1 };
  const codec = createLineCodec(framing);
  const workers = new Map<number, Worker>();
  const tasks = new Map<number, JobTask>();
  let tellFailure: (reason: string) => void = () => undefined;
  let closed = (): void => undefined;
  const over = new Promise<void>((resolve) => (closed = resolve));

  function perform(effect: TasksEffect<JobTask>): void {
    switch (effect.do) {
      case 'start':
        return start(effect.worker);
      case 'give': {
        const worker = workers.get(effect.worker);
        if (worker === undefined) return;
        worker.task = effect.task;
        return worker.process.send(effect.task.message);
      }
      case 'settle':
        return settle(effect.task, effect.outcome);
      case 'kill':
        return workers.get(effect.worker)?.process.kill();
      case 'end':
        return workers.get(effect.worker)?.process.end();
      case 'start-later':
        return void systemClock.after(effect.ms, () => handle({ type: 'start' }));
      case 'failed':
        return tellFailure(
          `${String(MOST_DEATHS)} workers in a row ended without an answer: the last one ${workerEnd(effect.exit)}`,
        );
      case 'ended':
        return closed();
      case 'timeout':
      case 'idle':
        return;
    }
  }

  const { handle } = createTasksDriver<JobTask>(spec, () => systemClock.now(), perform);

  const start = (id: number): void => {
    const runId = `${runTag}worker:${String(id)}:`;
    const process = startWorkerProcess(options, codec, runId, {
      ready: () => handle({ type: 'ready', worker: id }),
      message(bytes) {
        const { task } = worker;
        // An answer that nobody has asked for.
        if (task === undefined) return;
        worker.task = undefined;
        task.answer = answerOf(bytes);
        handle({ type: 'result', worker: id, failed: task.answer instanceof Error });
        if (takesTooMuch(worker, maxMemoryBytes, systemClock.now())) handle({ type: 'recycle', worker: id });
      },
      exited(exit) {
        workers.delete(id);
        if (worker.stopped !== undefined) end(worker.stopped, KILLED);
        handle({ type: 'exited', worker: id, exit: publicExitOf(exit), reason: undefined });
      },
    });
    const worker: Worker = { process, task: undefined, stopped: undefined, lookedMs: -Infinity };
    workers.set(id, worker);
  };

  /** A string of JSON is printed as its text. */
  const answerOf = (bytes: Buffer): Buffer | Error => {
    if (framing !== 'json') return bytes;
    try {
      const value = codec.decode(bytes);
      return typeof value === 'string' ? Buffer.from(value) : bytes;
    } catch (error) {
      return new Error(`invalid answer of the worker: ${(error as Error).message}`);
    }
  };

  const settle = (task: JobTask, outcome: Outcome): void => {
    const { answer } = task;
    if (outcome.kind === 'result') {
      if (answer instanceof Buffer) emit(task.job, 'stdout', answer, NEWLINE);
      return end(task, DONE);
    }
    if (outcome.kind === 'thrown') return fail(task, (answer as Error).message);
    if (outcome.kind === 'died') {
      tell(task, `the worker ${workerEnd(outcome.exit)} without an answer`);
      return end(task, deathOf(outcome.exit));
    }
    // Killed by us: its end is told when the worker has ended, or in a later turn.
    const worker = workers.get(task.worker);
    if (worker?.task === task) worker.stopped = task;
    else setImmediate(() => end(task, KILLED));
  };

  const tell = ({ job }: JobTask, text: string): void =>
    emit(job, 'stderr', Buffer.from(`procsup: ${text}\n`));

  const fail = (task: JobTask, text: string): void => {
    tell(task, text);
    end(task, FAILED);
  };

  const end = (task: JobTask, exit: Exit): void => {
    if (tasks.get(task.slot) !== task) return;
    tasks.delete(task.slot);
    task.job.ended(exit);
  };

  const emit = (job: JobEvents, stream: OutputStream, ...parts: readonly Uint8Array[]): void => {
    for (const bytes of parts)
      for (let from = 0; from < bytes.length; from += area.length) {
        const piece = bytes.subarray(from, from + area.length);
        area.set(piece);
        job.data(stream, piece.length);
      }
  };

  const encode = (value: string): Uint8Array | Error => {
    try {
      return codec.encode(framing === 'json' ? value : bytesOfValue(value));
    } catch (error) {
      return error as Error;
    }
  };

  return {
    start(slot, { command }, job) {
      const encoded = encode(command);
      const message = encoded instanceof Error ? new Uint8Array() : encoded;
      const task: JobTask = {
        ...{ slot, message, job, answer: undefined },
        ...{ retries: 0, timeoutMs: Infinity, alone: true, place: 'new', worker: 0 },
      };
      tasks.set(slot, task);
      if (encoded instanceof Error) setImmediate(() => fail(task, encoded.message));
      else handle({ type: 'submit', task });
    },
    expectStop(slot) {
      const task = tasks.get(slot);
      if (task !== undefined && task.place !== 'new') handle({ type: 'abort', task });
      return null;
    },
    abandon: (slot) => void tasks.delete(slot),
    // Each worker has one answer at most that nobody has read.
    pause: () => undefined,
    resume: () => undefined,
    async close() {
      handle({ type: 'close' });
      await over;
    },
    onFailed: (listener) => (tellFailure = listener),
  };
}

/** One that ends by itself instead of answering has failed, whatever its status. */
function deathOf(exit: PublicExit): Exit {
  return 'code' in exit && exit.code === 0 ? { by: 'code', code: 255 } : exitOfPublic(exit);
}
