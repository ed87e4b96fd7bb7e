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
import type { HostOptions } from './options.ts';
import { recordEvent, type Recorder } from './records/record-event.ts';
import { openTypedRestart } from './typed-restart.ts';

export interface WatchedRun extends Recorder {
  readonly supervisor: Supervisor;
  readonly onChange: (listener: (names: readonly string[]) => void) => () => void;
  readonly root: string;
  /** Ours: what we write there is nobody's change. */
  readonly memory: string;
  readonly stateDirectory: string | undefined;
  readonly tools: HookTools;
  readonly mode: 'foreground' | 'daemon' | 'library';
  readonly settings: Pick<HostOptions, 'output'>;
}

export interface WatchesOfRun {
  changed(names: readonly string[]): void;
  close(): void;
}

const COMMAND_MS = 60_000;
/** A task has a time limit of its own. */
const TASK_MS = 24 * 60 * 60 * 1000;
/** For one that is overtaken by the end of the run. */
const GRACE_MS = 1000;

export function openWatches(running: WatchedRun): WatchesOfRun {
  const { supervisor, root, memory, stateDirectory } = running;
  const excluded = [memory, ...(stateDirectory === undefined ? [] : [stateDirectory])];
  const isClosing = (): boolean => supervisor.state.closing !== null || supervisor.state.finished;
  const { mode, settings } = running;
  // With --raw it is the program's.
  const hasTerminal = mode === 'foreground' && settings.output !== 'inherited';
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
    runTask: (instance, task, cause) => commands.runTask(instance, task, cause, mode === 'library'),
    record: (event) => recordEvent(running, event),
  });
  const typed = hasTerminal ? openTypedRestart(running) : undefined;
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

  /** The same as `procsup task` in the root of the project. Resolves with whether it has succeeded. */
  const runTask = (
    instance: InstanceSpec,
    task: string,
    cause: WatchCause,
    isLibrary: boolean,
  ): Promise<boolean> => {
    const { name } = instance;
    const told = `procsup task ${task}`;
    const program = isLibrary ? ['procsup'] : [process.execPath, process.argv[1] ?? ''];
    const command = [...program, 'task', task].map(quoted).join(' ');
    recordEvent(recorder, { type: 'watch-command', command: told, names: [name], cause });
    const order = { instance, command, run: 0, timeoutMs: TASK_MS, root, variables: {} };
    return new Promise((resolve) => {
      const hook = runHook(tools, order, (end) => {
        const words = hookFailure(end);
        if (words !== undefined && !isOver)
          recordEvent(recorder, { type: 'watch-failed', name, command: told, words });
        running.delete(told);
        resolve(words === undefined);
      });
      running.set(told, { hook });
    });
  };

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
    runTask,
    end() {
      if (isOver) return;
      isOver = true;
      for (const { hook } of running.values()) hook.end(GRACE_MS);
    },
  };
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
