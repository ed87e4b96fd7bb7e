/** Sends the jobs of a pool to a supervisor in place of shells: a job is one value, and its output is the answer. */
import { exitOfPublic, type PublicExit } from '../../core/process/public-exit.ts';
import type { Exit } from '../../core/process/exit.ts';
import { deathOf } from '../../core/pool/tasks/worker-end.ts';
import type { JobEvents, JobShells, OutputStream } from '../../ports/pool.ts';
import type { TaskStream } from './task-stream.ts';

/** A line of `/v1/pools/{name}/run`. */
interface ResultLine {
  readonly id?: number;
  readonly output?: string;
  readonly base64?: string;
  readonly failed?: { readonly code: string; readonly message: string; readonly exit?: PublicExit };
}

const NEWLINE = Buffer.from('\n');
const DONE: Exit = { by: 'code', code: 0 };
const FAILED: Exit = { by: 'code', code: 1 };
const KILLED: Exit = { by: 'signal', signal: 'SIGKILL' };
/** No task of the pool can be done. */
const OF_POOL = ['pool-failed', 'pool-stopped', 'cap-refused'];

/** `area`: from where output is taken. */
export function createTaskShells(area: Uint8Array, stream: TaskStream): JobShells {
  /** By the number of the attempt: a late result is not taken for one of the next job of its slot. */
  const tasks = new Map<number, { readonly slot: number; readonly job: JobEvents }>();
  const slots = new Map<number, number>();
  let last = 0;
  let lost: string | undefined;
  let fail: (reason: string) => void = () => undefined;

  const end = (id: number, exit: Exit): void => {
    const task = tasks.get(id);
    if (task === undefined) return;
    tasks.delete(id);
    slots.delete(task.slot);
    task.job.ended(exit);
  };

  const emit = (job: JobEvents, name: OutputStream, ...parts: readonly Uint8Array[]): void => {
    for (const bytes of parts)
      for (let from = 0; from < bytes.length; from += area.length) {
        const piece = bytes.subarray(from, from + area.length);
        area.set(piece);
        job.data(name, piece.length);
      }
  };

  const take = ({ id = 0, output, base64, failed }: ResultLine): void => {
    const job = tasks.get(id)?.job;
    if (job === undefined) return;
    if (failed !== undefined) {
      if (OF_POOL.includes(failed.code)) return fail(failed.message);
      emit(job, 'stderr', Buffer.from(`procsup: ${failed.message}\n`));
      return end(id, exitOf(failed.exit));
    }
    emit(
      job,
      'stdout',
      Buffer.from(output ?? base64 ?? '', output === undefined ? 'base64' : 'utf8'),
      NEWLINE,
    );
    end(id, DONE);
  };

  stream.listen({
    line: (line) => take(line as ResultLine),
    lost(reason) {
      lost = reason;
      fail(reason);
    },
  });

  return {
    start(slot, { command: value }, job) {
      const id = (last += 1);
      tasks.set(id, { slot, job });
      slots.set(slot, id);
      if (lost === undefined) stream.send({ id, value });
    },
    expectStop(slot) {
      const id = slots.get(slot);
      if (id === undefined) return null;
      if (lost === undefined) stream.send({ abort: id });
      // Its worker is the supervisor's to kill.
      setImmediate(() => end(id, KILLED));
      return null;
    },
    abandon(slot) {
      tasks.delete(slots.get(slot) ?? 0);
      slots.delete(slot);
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    onFailed: (listener) => (fail = listener),
    close: () => stream.end(),
  };
}

function exitOf(exit: PublicExit | undefined): Exit {
  return exit === undefined ? FAILED : 'error' in exit ? exitOfPublic(exit) : deathOf(exit);
}
