/** What is known of each task while tasks run: its claim in the cache, its times, its end. */
import type { TaskEvent, TaskOutcome } from '../../core/task/events.ts';
import type { TaskResult } from '../../core/task/outcome.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OutputStream } from '../../ports/pool.ts';
import type { KeptResult, Recording, RecordedOutput } from '../../ports/task-cache.ts';
import { messageOf } from '../../text/error-message.ts';
import type { Lookups } from './lookups.ts';
import type { TaskSink } from './outputs.ts';
import type { TasksRequest } from './request.ts';

export interface Records {
  look(task: number, isAgain: boolean): void;
  cancelLook(task: number): void;
  restore(task: number): void;
  began(task: number, nowMs: number): void;
  wrote(task: number, stream: OutputStream, bytes: Uint8Array): void;
  attemptEnded(task: number, nowMs: number): void;
  keep(task: number): void;
  drop(task: number, status: number | null): void;
  finished(task: number, outcome: TaskOutcome): void;
  results(): readonly TaskResult[];
  /** Resolves when nothing is asked of the cache any more. */
  settled(): Promise<void>;
}

export interface RecordsOptions {
  readonly request: Pick<TasksRequest, 'graph' | 'notes' | 'explains' | 'onReason'>;
  readonly lookups: Lookups;
  readonly clock: Clock;
  readonly sinkOf: (task: number) => TaskSink;
  readonly take: (event: TaskEvent) => void;
  readonly warn: (text: string) => void;
}

interface Record {
  aborter: AbortController | undefined;
  kept: KeptResult | undefined;
  recording: Recording | undefined;
  attempts: number;
  beganMs: number;
  durationMs: number;
  savedMs: number;
  outcome: TaskOutcome;
}

export function createRecords({ request, lookups, clock, sinkOf, take, warn }: RecordsOptions): Records {
  const { graph, notes, explains } = request;
  const records = graph.map((): Record => ({
    ...{ aborter: undefined, kept: undefined, recording: undefined, outcome: { is: 'not-run' } },
    ...{ attempts: 0, beganMs: 0, durationMs: 0, savedMs: 0 },
  }));
  const pending = new Set<Promise<void>>();

  const recordOf = (task: number): Record => {
    const record = records[task];
    if (record === undefined) throw new Error(`no task ${String(task)}`);
    return record;
  };
  const nameOf = (task: number): string => graph[task]?.task.name ?? '';

  const background = (work: Promise<void>): void => {
    const own = work.finally(() => pending.delete(own));
    pending.add(own);
  };

  const replay = async (task: number, output: AsyncIterable<RecordedOutput>): Promise<void> => {
    for await (const { stream, bytes } of output) sinkOf(task).write(stream, bytes);
    sinkOf(task).endAttempt();
  };

  const look = async (task: number, isAgain: boolean, signal: AbortSignal): Promise<void> => {
    const record = recordOf(task);
    try {
      const looked = await lookups.claim(task, isAgain, signal, (pid) => {
        sinkOf(task).note(`waiting for the same task in another run (pid ${String(pid)})`);
        take({ type: 'awaits', task });
      });
      if (looked === undefined) return;
      const { claim, reason, unmatched } = looked;
      if (unmatched.length > 0) sinkOf(task).note(notes.unmatched(task, 'inputs', unmatched));
      if (claim.type !== 'kept' && reason !== undefined) {
        if (explains) sinkOf(task).note(notes.reason(reason));
        request.onReason?.(task, reason);
      }
      if (claim.type === 'kept') record.kept = claim.result;
      if (claim.type === 'run') record.recording = claim.recording;
      if (claim.type !== 'joined') {
        take({ type: 'looked', task, found: claim.type });
        return;
      }
      sinkOf(task).note(notes.joined(claim.status));
      await replay(task, claim.output());
      take({ type: 'looked', task, found: 'joined', status: claim.status });
    } catch (error) {
      if (signal.aborted) return;
      warn(`cannot use the cache for '${nameOf(task)}': ${messageOf(error)}`);
      take({ type: 'looked', task, found: 'none' });
    }
  };

  const restore = async (task: number): Promise<void> => {
    const record = recordOf(task);
    const { kept } = record;
    if (kept === undefined) {
      take({ type: 'restored', task, isWhole: false });
      return;
    }
    const began = clock.now();
    try {
      await kept.restore();
    } catch (error) {
      warn(`cannot restore the outputs of '${nameOf(task)}': ${messageOf(error)}; running it`);
      take({ type: 'restored', task, isWhole: false });
      return;
    }
    record.savedMs = kept.durationMs;
    sinkOf(task).note(notes.cached(kept.durationMs));
    try {
      await replay(task, kept.output());
    } catch (error) {
      warn(`cannot read the recorded output of '${nameOf(task)}': ${messageOf(error)}`);
    }
    record.durationMs = clock.now() - began;
    take({ type: 'restored', task, isWhole: true });
  };

  const keep = async (task: number): Promise<void> => {
    const record = recordOf(task);
    try {
      const { notKept, unmatched = [] } = (await record.recording?.keep(record.durationMs)) ?? {};
      if (unmatched.length > 0) sinkOf(task).note(notes.unmatched(task, 'outputs', unmatched));
      if (notKept !== undefined) sinkOf(task).note(`result not kept: ${notKept}`);
    } catch (error) {
      warn(`cannot keep the result of '${nameOf(task)}': ${messageOf(error)}`);
    }
    record.recording = undefined;
    take({ type: 'kept', task });
  };

  return {
    look(task, isAgain) {
      const aborter = new AbortController();
      recordOf(task).aborter = aborter;
      background(look(task, isAgain, aborter.signal));
    },
    cancelLook: (task) => recordOf(task).aborter?.abort(),
    restore: (task) => background(restore(task)),
    began(task, nowMs) {
      const record = recordOf(task);
      record.attempts += 1;
      record.beganMs = nowMs;
    },
    wrote: (task, stream, bytes) => recordOf(task).recording?.write(stream, bytes),
    attemptEnded(task, nowMs) {
      const record = recordOf(task);
      record.durationMs = nowMs - record.beganMs;
    },
    keep: (task) => background(keep(task)),
    drop(task, status) {
      const record = recordOf(task);
      const { recording } = record;
      record.recording = undefined;
      if (recording !== undefined) background(recording.drop(status).catch(() => undefined));
    },
    finished: (task, outcome) => void (recordOf(task).outcome = outcome),
    results: () =>
      graph.map(({ task: { name } }, index) => {
        const { outcome, durationMs, savedMs, attempts } = recordOf(index);
        return { name, outcome, durationMs, savedMs, attempts };
      }),
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
