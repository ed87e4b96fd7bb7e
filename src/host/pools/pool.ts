/**
 * One pool of procsup.yaml. Its workers are instances: the fleet starts and stops them and brings them back, and tells here
 * what becomes of their runs. The machine of `core/pool/tasks` decides what each is given. What that wants of a worker's life
 * (replace it, kill it, give all of them up) becomes an ordinary request to the fleet.
 */
import { bytesOfValue } from '../../core/pool/quote-value.ts';
import { standingOf, type Standing } from '../../core/pool/standing.ts';
import { MOST_DEATHS, type Outcome, type TasksSpec } from '../../core/pool/tasks/state.ts';
import { workerEnd } from '../../core/pool/tasks/worker-end.ts';
import type { PoolPlan } from '../../core/plan/process-plan.ts';
import type { Exit } from '../../core/process/exit.ts';
import { publicExitOf } from '../../core/process/public-exit.ts';
import type { Member } from '../../core/fleet/state.ts';
import type { PoolClient, TaskFailure, TaskResult } from '../../control/pool-api.ts';
import { systemClock } from '../../os/clock.ts';
import { createTaskWorkers, type SentTask, type TaskWorkerEvents } from '../../os/pool/task-workers.ts';
import type { QueueBackend } from '../../ports/queue-backend.ts';
import type { WorkerProcess } from '../../os/pool/worker-process.ts';
import { createLineCodec, type LineCodec } from '../../os/worker/line-framing.ts';
import { exitText } from '../../ui/exit-text.ts';
import { createQueueFeed, type QueueFeed } from './queue-feed.ts';
import { createCapGate, type CapGate, type Claims } from './cap-gate.ts';

export interface PoolOptions {
  readonly name: string;
  /** As the latest plan says. */
  readonly plan: () => PoolPlan;
  readonly members: () => readonly Member[];
  readonly isEnding: () => boolean;
  readonly claims: Claims;
  readonly openQueue: (name: string) => Promise<QueueBackend>;
  /** Stops all workers for good; resolves when that is done. */
  readonly giveUp: (reason: string) => Promise<void>;
}

export interface SupervisedPool {
  /** A run of this instance begins. */
  enter(instance: string, begin: (events: TaskWorkerEvents, codec: LineCodec) => WorkerProcess): void;
  /** One could not be started, which counts as an end without an answer. */
  refused(exit: Exit): void;
  /** What may have changed: whether workers will come for the tasks. */
  look(): void;
  client(): PoolClient;
  /** What it takes from its queue. */
  readonly feed: QueueFeed;
  readonly standing: Standing;
  /** The instances that carry out a task. */
  readonly busy: ReadonlySet<string>;
  readonly counts: { readonly waiting: number; readonly done: number; readonly failed: number };
}

interface PoolTask extends SentTask {
  readonly settled: (result: TaskResult) => void;
  /** Gives back the caps that it uses. */
  release: () => void;
}

/** A reload stops workers before it starts others: only what has stopped for so long is stopped. */
const STOPPED_MS = 250;

/** The end of one that has lived for so long, and had nothing to do, says nothing about its pool: somebody may have killed it. */
const HEALTHY_MS = 1_000;

export function createPool(options: PoolOptions): SupervisedPool {
  const { name, plan, members, isEnding, claims } = options;
  let failure: string | null = null;
  let isRenewable = false;
  let [lastWorker, done, failed] = [0, 0, 0];
  const instances = new Map<number, string>();
  let cancelDrop: (() => void) | undefined;
  let workers = newWorkers();
  const gate: CapGate<PoolTask> = createCapGate({
    claims,
    name: `${name} (task)`,
    most: () => Math.max(1, members().length),
    uses: () => plan().uses,
    enter(task, release) {
      task.release = release;
      workers.handle({ type: 'submit', task });
    },
    refused: (task, message) => tell(task, failureOf('cap-refused', message)),
  });

  function newWorkers() {
    const spec: TasksSpec = {
      ...{ size: 0, idleMs: Infinity, mostAhead: 1 },
      get recycleAfter() {
        return plan().recycleAfter;
      },
    };
    return createTaskWorkers<PoolTask>({
      ...{ spec, codec: codecOf(), isJson: plan().framing === 'json' },
      mostBytes: () => plan().maxMemoryBytes,
      settle,
      failed(exit) {
        const reason = `${String(MOST_DEATHS)} workers in a row ended without an answer: the last one ${workerEnd(exit)}`;
        failure = reason;
        isRenewable = false;
        // Whoever starts its workers after that wants it to try again.
        void options.giveUp(reason).then(() => (isRenewable = true));
      },
    });
  }

  function codecOf(): LineCodec {
    return createLineCodec(plan().framing);
  }

  function settle(task: PoolTask, outcome: Outcome): void {
    task.release();
    if (outcome.kind === 'result') {
      done += 1;
      task.settled({ is: 'done', output: task.answer instanceof Buffer ? task.answer : new Uint8Array() });
      gate.next();
    } else {
      tell(task, resultOf(task, outcome));
      gate.next();
    }
  }

  const tell = (task: PoolTask, result: TaskResult): void => {
    if (result.is === 'failed' && result.code !== 'aborted') failed += 1;
    task.settled(result);
  };

  function resultOf({ answer }: PoolTask, outcome: Outcome): TaskResult {
    const why = answer instanceof Error ? answer.message : undefined;
    switch (outcome.kind) {
      case 'died':
        return {
          ...failureOf(
            why === undefined ? 'worker-died' : 'invalid-answer',
            why ?? `the worker ${workerEnd(outcome.exit)} without an answer`,
          ),
          exit: outcome.exit,
        };
      case 'timeout':
        return failureOf('timeout', 'timed out');
      case 'aborted':
        return failureOf('aborted', 'aborted');
      case 'thrown':
        return failureOf('invalid-answer', why ?? 'invalid answer of the worker');
      case 'result':
      case 'terminated':
      case 'closed':
      case 'failed':
        return unworkable(standing());
    }
  }

  const standing = (): Standing => standingOf(members(), { failure, isEnding: isEnding() });

  const unworkable = (is: Standing): TaskResult => {
    if (is.is === 'failed' || is.is === 'given-up')
      return failureOf('pool-failed', `pool '${name}' failed: ${reasonOf(is) ?? ''}`);
    return failureOf('pool-stopped', reasonOf(is, name) ?? `pool '${name}' has stopped`);
  };

  const dropWaiting = (is: Standing): void => {
    for (const task of gate.clear()) tell(task, unworkable(is));
    workers.handle({ type: 'drop-waiting' });
  };

  const look = (): void => {
    const is = standing();
    feed.look();
    if (is.is === 'open') {
      cancelDrop?.();
      cancelDrop = undefined;
      return gate.next();
    }
    if (workers.state.waitingCount + gate.waiting === 0) return;
    if (is.is !== 'stopped') return dropWaiting(is);
    cancelDrop ??= systemClock.after(STOPPED_MS, () => {
      cancelDrop = undefined;
      const then = standing();
      if (then.is !== 'open') dropWaiting(then);
    });
  };

  const submit = (value: unknown, settled: PoolTask['settled']): PoolTask | undefined => {
    const { retries, timeoutMs, uses, framing } = plan();
    const message = messageOf(codecOf(), value, framing === 'json');
    const task: PoolTask = {
      ...{ message: message instanceof Error ? new Uint8Array() : message, answer: undefined },
      ...{ retries, timeoutMs, alone: true, place: 'new', worker: 0 },
      ...{ settled, release: () => undefined },
    };
    if (message instanceof Error) setImmediate(() => tell(task, failureOf('invalid-value', message.message)));
    else if (failure !== null) setImmediate(() => tell(task, unworkable(standing())));
    else {
      if (uses.length > 0) gate.add(task);
      else workers.handle({ type: 'submit', task });
      // Not at once: that may settle it.
      if (standing().is !== 'open') setImmediate(look);
      return task;
    }
    return undefined;
  };

  const abort = (task: PoolTask): void => {
    if (gate.remove(task)) tell(task, failureOf('aborted', 'aborted'));
    else workers.handle({ type: 'abort', task });
  };

  const client = (): PoolClient => {
    const own = new Set<PoolTask>();
    let isClosed = false;
    return {
      get enough() {
        return 16 + 2 * members().length;
      },
      submit(value, settled) {
        const task = submit(value, (result) => {
          if (task !== undefined) own.delete(task);
          if (!isClosed) settled(result);
        });
        if (task === undefined) return () => undefined;
        own.add(task);
        return () => abort(task);
      },
      close() {
        isClosed = true;
        for (const task of own) if (task.place !== 'given') abort(task);
      },
    };
  };

  const feed = createQueueFeed({
    open: options.openQueue,
    queue: () => (standing().is === 'open' ? plan().queue : undefined),
    running: () => members().filter(({ process }) => process.phase.name === 'running').length,
    isJson: () => plan().framing === 'json',
    tasks: client(),
    clock: systemClock,
  });

  return {
    enter(instance, begin) {
      if (failure !== null && isRenewable) {
        failure = null;
        isRenewable = false;
        workers = newWorkers();
      }
      const its = workers;
      const id = (lastWorker += 1);
      instances.set(id, instance);
      const beganMs = systemClock.now();
      its.enter(id, (events) =>
        begin(
          {
            ...events,
            exited(exit, wasStopped) {
              instances.delete(id);
              const isIdle = its.state.workers.get(id)?.given.length === 0;
              const isHealthy = isIdle && systemClock.now() - beganMs >= HEALTHY_MS;
              events.exited(exit, wasStopped === true || isHealthy);
              look();
            },
          },
          codecOf(),
        ),
      );
      its.handle({ type: 'arrived', worker: id });
    },
    refused(exit) {
      workers.handle({ type: 'not-started', exit: publicExitOf(exit) });
    },
    look,
    client,
    feed,
    get standing() {
      return standing();
    },
    get busy() {
      const names = [...workers.state.workers.values()].flatMap(({ id, given }) =>
        given.length > 0 ? (instances.get(id) ?? []) : [],
      );
      return new Set(names);
    },
    get counts() {
      return { waiting: workers.state.waitingCount + gate.waiting, done, failed };
    },
  };
}

const failureOf = (code: TaskFailure, message: string): TaskResult & { readonly is: 'failed' } => ({
  is: 'failed',
  ...{ code, message },
});

/** Undefined: nothing is the matter. */
export function reasonOf(is: Standing, name = ''): string | undefined {
  switch (is.is) {
    case 'open':
      return undefined;
    case 'empty':
      return `pool '${name}' has no workers; add some with 'procsup scale ${name}=4'`;
    case 'stopped':
      return `pool '${name}' is not running; start it with 'procsup start ${name}'`;
    case 'ending':
      return 'the supervisor is shutting down';
    case 'failed':
      return is.reason;
    case 'given-up':
      return is.exit.by === 'refusal' ? is.exit.message : `its workers ${exitText(is.exit)}`;
  }
}

function messageOf(codec: LineCodec, value: unknown, isJson: boolean): Uint8Array | Error {
  try {
    if (!isJson) return codec.encode(typeof value === 'string' ? bytesOfValue(value) : value);
    if (value instanceof Uint8Array) throw new TypeError("bytes cannot be sent as 'json'");
    return codec.encode(value);
  } catch (error) {
    return error as Error;
  }
}
