/**
 * Runs tasks until all have ended: whatever happens becomes an event of the machine (`core/task/step.ts`), whose effects are
 * performed here, one event after the other. In the end nothing of the tasks is left.
 */
import type { TaskEffect, TaskEvent, TaskOutcome } from '../../core/task/events.ts';
import { tasksStatus, type TasksOutcome } from '../../core/task/outcome.ts';
import { usesOf } from '../../core/task/resources.ts';
import { newTasksState, type TaskRunSpec } from '../../core/task/state.ts';
import { stepTasks } from '../../core/task/step.ts';
import { TASK_GRACE_MS } from '../../core/task/stop.ts';
import type { SignalName } from '../../core/process/signals.ts';
import type { Prefixer } from '../../output/prefixer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sink } from '../../ports/output.ts';
import type { JobShells, OutputStream, Spill } from '../../ports/pool.ts';
import type { ProcessGroups } from '../../ports/processes.ts';
import type { TaskCache } from '../../ports/task-cache.ts';
import type { TaskProcesses } from '../../ports/task-processes.ts';
import type { TaskUses } from '../../ports/task-uses.ts';
import { messageOf } from '../../text/error-message.ts';
import { stopStrays } from '../shell-jobs.ts';
import { createStopSignals } from '../stop-signals.ts';
import { createAttempts } from './attempts.ts';
import { createLookups } from './lookups.ts';
import { createHolds } from './holds.ts';
import { createTaskOutputs, type TaskSink } from './outputs.ts';
import { createRecords } from './records.ts';
import type { RunInteractive, TasksRequest } from './request.ts';
import { createUses } from './uses.ts';

export interface TaskPorts {
  readonly clock: Clock;
  readonly shells: JobShells;
  readonly runInteractive: RunInteractive;
  readonly groups: ProcessGroups;
  readonly runTag: string;
  readonly sinks: Readonly<Record<OutputStream, Sink>>;
  /** The shells' output is read into its workspace. */
  readonly prefixer: Prefixer;
  readonly spill: Spill;
  readonly cache: TaskCache | undefined;
  readonly processes: TaskProcesses | undefined;
  /** Undefined: no task has caps or a lock, or nobody else uses them. */
  readonly uses?: TaskUses | undefined;
  /** Calls `listener` for each signal that we get, until the returned function is called. */
  readonly hear: (listener: (signal: SignalName) => void) => () => void;
  /** Ctrl-C reaches the program that has the terminal as well. */
  readonly terminalSignalsUs: () => boolean;
  /** Tells the user something, in one line. */
  readonly warn: (text: string) => void;
}

/** Those of a keyboard are for the program that has the terminal. */
const KEYBOARD: readonly SignalName[] = ['SIGINT', 'SIGQUIT'];
const STOPPING: readonly SignalName[] = [
  ...KEYBOARD,
  ...(['SIGTERM', 'SIGHUP', 'SIGALRM', 'SIGXCPU', 'SIGABRT'] as const),
];

export async function runTasks(request: TasksRequest, ports: TaskPorts): Promise<TasksOutcome> {
  const { graph, notes } = request;
  const { clock, shells, groups, runTag, warn } = ports;
  const stopSignals = createStopSignals(groups);
  const lookups = createLookups({ ...request, cache: ports.cache });
  const spec: TaskRunSpec = { ...request, looks: lookups.looks };
  const state = newTasksState(spec);
  const startedMs = clock.now();
  const timers = new Map<number, () => void>();
  let signal: SignalName | null = null;
  let problem: string | null = null;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));

  const mailbox: TaskEvent[] = [];
  let isStepping = false;
  const take = (event: TaskEvent): void => {
    mailbox.push(event);
    if (isStepping) return;
    isStepping = true;
    // By index: an array that is shifted costs its length each time.
    for (let at = 0; at < mailbox.length; at += 1) {
      const next = mailbox[at];
      if (next !== undefined) for (const effect of stepTasks(spec, state, next)) perform(effect);
    }
    mailbox.length = 0;
    isStepping = false;
  };

  const outputs = createTaskOutputs({
    ...{ ...request.output, sinks: ports.sinks, prefixer: ports.prefixer, clock, spill: ports.spill },
    tell: warn,
    events: {
      full(isFull) {
        if (isFull) shells.pause();
        else shells.resume();
        take({ type: 'output', isFull });
      },
      gone() {
        signal ??= 'SIGPIPE';
        take({ type: 'stop', how: 'now' });
      },
      stuck: (reason) => warn(`cannot write the output: ${reason}; trying again`),
      lost(error) {
        problem ??= `output is incomplete: cannot use a temporary file: ${messageOf(error)}`;
        take({ type: 'stop', how: 'now' });
      },
    },
  });
  const sinks = new Map<number, TaskSink>();
  const sinkOf = (task: number): TaskSink => {
    const known = sinks.get(task);
    if (known !== undefined) return known;
    const sink = outputs.open({ name: graph[task]?.task.name ?? '', index: task });
    sinks.set(task, sink);
    return sink;
  };

  const records = createRecords({ request, lookups, clock, sinkOf, take, warn });
  const holds = createHolds(graph, ports.processes, take);
  const uses = createUses({
    ...{ graph, shared: ports.uses, usesOf: (task) => usesOf(state.resources, task), sinkOf, take, warn },
  });
  const attempts = createAttempts({
    ...{
      request,
      shells,
      stopSignals,
      groups,
      workspace: ports.prefixer.workspace,
      clock,
      sinkOf,
      take,
      records,
    },
    runInteractive: async (task) => {
      await outputs.idle();
      return ports.runInteractive(task, runTag);
    },
  });

  const finish = (task: number, outcome: TaskOutcome): void => {
    records.finished(task, outcome);
    const sink = sinks.get(task);
    const text = notes.finished(task, outcome);
    if (text !== undefined) sinkOf(task).note(text);
    (sink ?? sinks.get(task))?.close(outcome.is === 'failed');
    sinks.delete(task);
  };

  const perform = (effect: TaskEffect): void => {
    switch (effect.type) {
      case 'look':
        records.look(effect.task, effect.isAgain);
        break;
      case 'cancel-look':
        records.cancelLook(effect.task);
        break;
      case 'restore':
        records.restore(effect.task);
        break;
      case 'hold':
        holds.hold(effect.key);
        break;
      case 'release':
        holds.release(effect.key);
        break;
      case 'take':
        uses.take(effect.task);
        break;
      case 'give-back':
        uses.giveBack(effect.task);
        break;
      case 'start':
        attempts.start(effect);
        break;
      case 'signal':
        attempts.signal(effect.slot, effect.signal);
        break;
      case 'abandon':
        warn(`task '${graph[effect.task]?.task.name ?? ''}' is still alive after SIGKILL; giving up on it`);
        attempts.abandon(effect.slot);
        break;
      case 'set-timer': {
        const { task, run, ms } = effect;
        timers.get(task)?.();
        timers.set(
          task,
          clock.after(ms, () => take({ type: 'timer', task, run })),
        );
        break;
      }
      case 'clear-timer':
        timers.get(effect.task)?.();
        timers.delete(effect.task);
        break;
      case 'retry':
        sinkOf(effect.task).note(notes.retried(effect.task, effect.status, effect.attempt));
        break;
      case 'keep':
        records.keep(effect.task);
        break;
      case 'drop':
        records.drop(effect.task, effect.status);
        break;
      case 'finish':
        finish(effect.task, effect.outcome);
        break;
      case 'end':
        end();
        break;
    }
  };

  const stopHearing = ports.hear((name) => {
    if (!STOPPING.includes(name)) return;
    const hasTerminal = state.alone !== null && state.running.has(state.alone);
    if (hasTerminal && KEYBOARD.includes(name) && ports.terminalSignalsUs()) return;
    const isAgain = signal !== null;
    signal ??= name;
    if (!isAgain && state.running.size > 0) warn(notes.stopping(state.running.size, name));
    take({ type: 'stop', how: isAgain ? 'kill' : 'now' });
    if (isAgain && state.phase === 'over') outputs.abandon();
  });

  take({ type: 'begin' });
  await over;
  for (const cancel of timers.values()) cancel();
  const printed = outputs.idle();
  await Promise.all([shells.close(), records.settled(), holds.released(), uses.settled()]);
  if (!attempts.wereNone)
    await stopStrays('tasks', { shells, stopSignals, runTag, graceMs: TASK_GRACE_MS, clock, warn });
  await printed;
  stopHearing();
  outputs.close();
  const failed = state.failed === null ? null : (state.tasks[state.failed]?.outcome ?? null);
  return {
    ...{ status: tasksStatus(failed, { signal, problem }), signal, problem },
    results: records.results(),
    durationMs: clock.now() - startedMs,
  };
}
