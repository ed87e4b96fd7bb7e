/** The watches of a run: brings the tree of files, the supervisor and the commands of the user together. */
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import { hookFailure } from '../core/process/hook.ts';
import { pidOf } from '../core/process/state.ts';
import type { WatchCause } from '../core/watch/cause.ts';
import { systemClock } from '../os/clock.ts';
import { createRepository } from '../os/watch/git.ts';
import { createTree } from '../os/watch/tree.ts';
import { runHook, type HookTools, type RunningHook } from '../runtime/run-hook.ts';
import type { Supervisor } from '../runtime/supervisor.ts';
import { createWatches } from '../runtime/watches.ts';
import { recordEvent, type Recorder } from './records/record-event.ts';
import { openTypedRestart } from './typed-restart.ts';

export interface WatchedRun extends Recorder {
  readonly supervisor: Supervisor;
  readonly onChange: (listener: (names: readonly string[]) => void) => () => void;
  readonly root: string;
  /** Ours: what we write there is nobody's change. */
  readonly excluded: readonly string[];
  readonly tools: HookTools;
  /** Our terminal is for what is typed for us. */
  readonly hasTerminal: boolean;
}

export interface WatchesOfRun {
  changed(names: readonly string[]): void;
  close(): void;
}

const COMMAND_MS = 60_000;
/** For one that is overtaken by the end of the run. */
const GRACE_MS = 1000;

export function openWatches(running: WatchedRun): WatchesOfRun {
  const { supervisor, root, excluded } = running;
  const isClosing = (): boolean => supervisor.state.closing !== null || supervisor.state.finished;
  const commands = createCommands(running);
  const watches = createWatches({
    ...{ clock: systemClock, root, excluded, isClosing },
    openTree: (order) => createTree(order, { clock: systemClock }),
    repository: createRepository(),
    instances: () => supervisor.instances,
    memberOf: (name) => supervisor.state.members.get(name),
    restart: (names, cause) => void supervisor.ask('restart', names, cause),
    signal(names, signal, cause) {
      recordEvent(running, { type: 'signalled', signal, names, cause });
      supervisor.send({ type: 'signal', names, signal });
    },
    run: commands.run,
    record: (event) => recordEvent(running, event),
  });
  const typed = running.hasTerminal ? openTypedRestart(running) : undefined;
  return {
    changed(names) {
      watches.changed(names);
      if (!isClosing()) return;
      commands.end();
      // What is typed from now on is for the shell.
      typed?.close();
    },
    close() {
      commands.end();
      typed?.close();
      watches.close();
    },
  };
}

interface Running {
  readonly hook: RunningHook;
  /** What is to be run after it. */
  next?: () => void;
}

/** One at a time for each process: what changes while it runs is for the next. */
function createCommands({ supervisor, root, tools, ...recorder }: WatchedRun) {
  const running = new Map<string, Running>();
  let isOver = false;

  const run = (instance: InstanceSpec, command: string, cause: WatchCause): void => {
    const { name, process } = instance;
    const current = running.get(process);
    if (current !== undefined) {
      current.next = () => run(instance, command, cause);
      return;
    }
    const member = supervisor.state.members.get(name);
    if (member === undefined || isOver) return;
    recordEvent(recorder, { type: 'watch-command', command, names: [name], cause });
    const pid = pidOf(member.process.phase);
    const order = {
      ...{ instance, command, run: member.process.run, timeoutMs: COMMAND_MS },
      root: instance.plan.workingDir ?? root,
      variables: pid === null ? {} : { PROCSUP_PID: String(pid) },
    };
    const hook = runHook(tools, order, (end) => {
      const words = hookFailure(end);
      if (words !== undefined) recordEvent(recorder, { type: 'watch-failed', name, command, words });
      const next = running.get(process)?.next;
      running.delete(process);
      if (!isOver) next?.();
    });
    running.set(process, { hook });
  };

  return {
    run,
    end() {
      if (isOver) return;
      isOver = true;
      for (const { hook } of running.values()) hook.end(GRACE_MS);
    },
  };
}
