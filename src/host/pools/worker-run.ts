/** One run of a worker: the link that carries its tasks and answers, and what the pool wants of its life. */
import type { Exit } from '../../core/process/exit.ts';
import { systemClock } from '../../os/clock.ts';
import type { TaskWorkerEvents } from '../../os/pool/task-workers.ts';
import type { WorkerProcess } from '../../os/pool/worker-process.ts';
import type { LineCodec } from '../../os/worker/line-framing.ts';
import { openLineLink, type LineLinkPipes } from '../../os/worker/line-link.ts';
import { residentBytes } from '../../os/worker/memory.ts';
import type { StrayEvents, StrayOutput } from './stray-output.ts';

/** What can be asked of the fleet for its instance. */
export interface WorkerRequests {
  /** SIGKILL for what runs now, whatever follows. */
  kill(): void;
  /** `atOnce`: by SIGKILL. */
  restart(why: string, how: 'gently' | 'at once'): void;
}

export interface WorkerRun {
  readonly process: WorkerProcess;
  /** It is being stopped: it gets no more tasks, and the end of its stdin. */
  finish(): void;
  /** Its program has ended. What it has answered is told before. */
  ended(exit: Exit, wasStopped: boolean): void;
}

/** A longer answer is none: its worker is killed. */
export const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
/** For its last answers, when it has ended: something that it has started may hold the pipe. */
const LAST_WORDS_MS = 5_000;

export function createWorkerRun(
  pid: number,
  ends: LineLinkPipes,
  codec: LineCodec,
  events: TaskWorkerEvents,
  requests: WorkerRequests,
  strayTo: (events: StrayEvents) => StrayOutput,
): WorkerRun {
  let isFinishing = false;
  const stray = strayTo({ full: () => link.pause(), drained: () => link.resume() });
  const link = openLineLink(
    ends,
    codec,
    (bytes) => {
      if (!events.message(bytes)) stray.write(bytes);
    },
    {
      bytes: MOST_ANSWER_BYTES,
      exceeded() {
        const most = String(MOST_ANSWER_BYTES / 1024 ** 2);
        events.spoil(`the worker wrote an answer of more than ${most} MiB`);
        requests.kill();
      },
    },
  );

  const end = async (exit: Exit, wasStopped: boolean): Promise<void> => {
    const cancel = systemClock.after(LAST_WORDS_MS, () => link.close());
    await link.over;
    cancel();
    link.close();
    stray.end();
    events.exited(exit, wasStopped);
  };

  return {
    process: {
      send: (bytes) => link.send(bytes),
      kill() {
        // A restart would call off a stop that has begun.
        if (isFinishing) requests.kill();
        else requests.restart('its task was stopped', 'at once');
      },
      end() {
        if (!isFinishing)
          requests.restart('it has done its number of tasks, or takes too much memory', 'gently');
      },
      memory: () => residentBytes(pid),
    },
    finish() {
      isFinishing = true;
      link.end();
    },
    ended(exit, wasStopped) {
      link.resume();
      void end(exit, wasStopped);
    },
  };
}
