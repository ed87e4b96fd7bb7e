/** Runs the commands of tasks, in warm shells or with the terminal for themselves, and signals them. */
import { statusOf } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import type { TaskEffect, TaskEvent } from '../../core/task/events.ts';
import { taskScript } from '../../core/task/task-script.ts';
import { READ_START } from '../../output/prefixer.ts';
import type { Clock } from '../../ports/clock.ts';
import { signalJob, type ShellJobs } from '../shell-jobs.ts';
import type { TaskSink } from './outputs.ts';
import type { Records } from './records.ts';
import type { InteractiveRun, TasksRequest } from './request.ts';

export interface Attempts {
  start(effect: Extract<TaskEffect, { type: 'start' }>): void;
  signal(slot: number, name: 'SIGTERM' | 'SIGKILL'): void;
  abandon(slot: number): void;
  /** Nothing was started: nothing can be left of it. */
  readonly wereNone: boolean;
}

export interface AttemptsOptions extends ShellJobs {
  readonly request: Pick<TasksRequest, 'graph' | 'argsOf' | 'root'>;
  readonly runInteractive: (task: number) => Promise<InteractiveRun>;
  readonly workspace: Uint8Array;
  readonly clock: Clock;
  readonly sinkOf: (task: number) => TaskSink;
  readonly records: Pick<Records, 'began' | 'wrote' | 'attemptEnded'>;
  readonly take: (event: TaskEvent) => void;
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const { request, shells, workspace, clock, sinkOf, records, take } = options;
  const { graph, argsOf, root } = request;
  let interactive: InteractiveRun | undefined;
  /** What it was to hear before it was started. */
  let early: SignalName | undefined;
  let wereNone = true;

  const startAlone = async (task: number, run: number): Promise<void> => {
    records.began(task, clock.now());
    try {
      interactive = await options.runInteractive(task);
      if (early !== undefined) interactive.signal(early);
      const exit = await interactive.ended;
      records.attemptEnded(task, clock.now());
      if (exit.by === 'refusal') take({ type: 'refused', task, run, reason: exit.message });
      else take({ type: 'ended', task, run, status: statusOf(exit) });
    } finally {
      interactive = early = undefined;
    }
  };

  return {
    start({ task, run, slot }) {
      const node = graph[task];
      if (node === undefined) return;
      wereNone = false;
      if (slot === 0) return void startAlone(task, run);
      const command = taskScript(node.task, { root, args: argsOf(task) });
      const sink = sinkOf(task);
      records.began(task, clock.now());
      shells.start(
        slot,
        { seq: task + 1, command },
        {
          data(stream, byteCount) {
            // First: to print it changes the workspace.
            records.wrote(task, stream, workspace.subarray(READ_START, READ_START + byteCount));
            sink.take(stream, byteCount);
          },
          ended(exit) {
            records.attemptEnded(task, clock.now());
            sink.endAttempt();
            take({ type: 'ended', task, run, status: statusOf(exit) });
          },
          refused: ({ message }) => take({ type: 'refused', task, run, reason: message }),
        },
      );
    },
    signal(slot, name) {
      if (slot === 0) {
        if (interactive === undefined) early = name;
        else interactive.signal(name);
        return;
      }
      signalJob(options, slot, name);
    },
    abandon: (slot) => shells.abandon(slot),
    get wereNone() {
      return wereNone;
    },
  };
}
