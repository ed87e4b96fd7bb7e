/**
 * Long-lived workers in place of the shells of a pool: a job is one message to a worker, and the answer is its output. The
 * pool decides which job comes next, what is tried again and what is stopped; the machine of `core/pool/tasks`, which has at
 * most as many tasks as the pool has slots, gives them to workers, and replaces those that died.
 */
import { MOST_DEATHS, type Outcome, type TasksSpec } from '../../core/pool/tasks/state.ts';
import { deathOf, workerEnd } from '../../core/pool/tasks/worker-end.ts';
import { bytesOfValue } from '../../core/pool/quote-value.ts';
import type { Exit } from '../../core/process/exit.ts';
import type { JobEvents, JobShells, OutputStream } from '../../ports/pool.ts';
import { createLineCodec, type Framing } from '../worker/line-framing.ts';
import { createTaskWorkers, type SentTask } from './task-workers.ts';
import { startWorkerProcess, type WorkerPlace } from './worker-process.ts';

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

interface JobTask extends SentTask {
  readonly slot: number;
  readonly job: JobEvents;
}

const NEWLINE = Buffer.from('\n');
const DONE: Exit = { by: 'code', code: 0 };
const FAILED: Exit = { by: 'code', code: 1 };
const KILLED: Exit = { by: 'signal', signal: 'SIGKILL' };

export function createJobWorkers(options: JobWorkersOptions): JobShells {
  const { slots, runTag, framing, recycleAfter, maxMemoryBytes, area } = options;
  const spec: TasksSpec = { size: slots, recycleAfter, idleMs: Infinity, mostAhead: 1 };
  const codec = createLineCodec(framing);
  const tasks = new Map<number, JobTask>();
  /** By worker: its job was stopped, and has ended when it has. */
  const stopped = new Map<number, JobTask>();
  let tellFailure: (reason: string) => void = () => undefined;
  let closed = (): void => undefined;
  const over = new Promise<void>((resolve) => (closed = resolve));

  const workers = createTaskWorkers<JobTask>({
    ...{ spec, codec, isJson: framing === 'json', mostBytes: () => maxMemoryBytes },
    start: (id) =>
      workers.enter(id, (events) =>
        startWorkerProcess(options, codec, `${runTag}worker:${String(id)}:`, events),
      ),
    settle: (task, outcome) => settle(task, outcome),
    gone(id) {
      const task = stopped.get(id);
      stopped.delete(id);
      if (task !== undefined) end(task, KILLED);
    },
    failed: (exit) =>
      tellFailure(
        `${String(MOST_DEATHS)} workers in a row ended without an answer: the last one ${workerEnd(exit)}`,
      ),
    ended: () => closed(),
  });
  const { handle } = workers;

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
    if (workers.isAt(task)) stopped.set(task.worker, task);
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
