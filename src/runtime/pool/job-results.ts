/** What becomes of a job that has ended or is given up: its result is told, its output kept, printed or thrown away. */
import type { PoolEffect } from '../../core/pool/events.ts';
import type { Job, JobExit, JobResult } from '../../core/pool/job.ts';
import { statusOf, type Exit } from '../../core/process/exit.ts';
import type { PoolRequest } from '../../ports/pool.ts';
import { messageOf } from '../../text/error-message.ts';
import type { JobSink, PoolOutputs } from './output.ts';

/** A job from when it is taken from the input until its output is on its way, with its last attempt. */
export interface Attempt {
  readonly job: Job;
  /** Undefined before it is started. */
  sink: JobSink | undefined;
  command: string;
  startedAtMs: number;
  runtimeMs: number;
  exit: Exit;
  result: JobResult | undefined;
}

export interface JobResults {
  /** Jobs that have ended, but whose output could not be kept. */
  readonly unsaved: number;
  finish(attempt: Attempt, end: Extract<PoolEffect, { type: 'finish' }>): void;
  /** It has no result. */
  drop(attempt: Attempt): void;
  /** The turn of its output has come. */
  deliver(attempt: Attempt): void;
}

/** `failed` hears why the output of a job cannot be kept. */
export function createJobResults(
  request: PoolRequest,
  outputs: Pick<PoolOutputs, 'open'>,
  failed: (reason: string) => void,
): JobResults {
  const { output } = request;
  let unsaved = 0;

  const isSaved = (job: Job, result: JobResult, sink: JobSink | undefined): boolean => {
    if (output.save === undefined || sink === undefined) return true;
    try {
      output.save(job, result, sink.written);
      return true;
    } catch (error) {
      unsaved += 1;
      failed(messageOf(error));
      return false;
    }
  };

  return {
    get unsaved() {
      return unsaved;
    },
    finish(attempt, { seq, slot, attempts, timedOut }) {
      const { job, sink, startedAtMs, runtimeMs, command, exit } = attempt;
      const result = {
        ...{ seq, slot, startedAtMs, runtimeMs, sentBytes: 0, receivedBytes: sink?.receivedBytes ?? 0 },
        ...{ exit: jobExit(exit), attempts, timedOut, command },
      };
      attempt.result = result;
      // One whose output is not kept is not logged, so that `--resume` runs it again.
      if (isSaved(job, result, sink)) request.onResult(result);
    },
    drop({ job, sink }) {
      sink?.discard();
      const instead = output.instead?.notDone(job, sink === undefined ? 'not-run' : 'stopped');
      if (instead !== undefined) outputs.open(null).deliver(instead);
    },
    deliver({ job, sink, result }) {
      const instead = output.instead && result && sink && output.instead.ended(job, result, sink.written);
      sink?.deliver(instead);
    },
  };
}

const jobExit = (exit: Exit): JobExit =>
  exit.by === 'signal' ? { signal: exit.signal } : { code: statusOf(exit) };
