/** Wires the engine of tasks with the system: warm shells as those of a pool, and the terminal for interactive tasks. */
import { spawn } from 'node:child_process';
import type { Refusal } from '../core/process/exit.ts';
import type { TaskGraph } from '../core/task/graph.ts';
import { shellWords, taskEnvironment } from '../core/task/task-script.ts';
import { ignoredAtStart, ignoringPrelude } from '../os/process/launch-environment.ts';
import { softNofilePrelude } from '../os/process/limits.ts';
import { shellFor } from '../os/process/shell.ts';
import { exitOf, refusalOf } from '../os/process/spawn.ts';
import { terminalSignalsUs } from '../os/terminal/group.ts';
import type { TaskCache } from '../ports/task-cache.ts';
import type { TaskProcesses } from '../ports/task-processes.ts';
import type { TaskUses } from '../ports/task-uses.ts';
import type { InteractiveRun } from '../runtime/task/request.ts';
import type { TaskPorts } from '../runtime/task/run-tasks.ts';
import { openLateSystem, openPoolSystem, type PoolSystemOptions } from './pool-ports.ts';

export interface TaskSystemOptions {
  readonly graph: TaskGraph;
  readonly argsOf: (task: number) => readonly string[];
  readonly slots: number;
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Procsup's own. */
  readonly ownEnv: Readonly<Record<string, string | undefined>>;
  readonly cache: TaskCache | undefined;
  readonly processes: TaskProcesses | undefined;
  /** `runTag`: of all that the commands start. */
  readonly openUses: ((runTag: string) => TaskUses) | undefined;
  readonly warn: (text: string) => void;
  /** The cache may have all of it: what runs commands is made with the first one. */
  readonly isLate: boolean;
  /** What the system's error means for a command that cannot be run. */
  readonly reasonOf: (error: unknown) => string;
}

export interface TaskSystem {
  readonly ports: TaskPorts;
  close(): Promise<void>;
}

/** Rejects with the system's error where it refuses pipes or a directory for them, unless `isLate`; then nothing is left. */
export async function openTaskSystem(options: TaskSystemOptions): Promise<TaskSystem> {
  const { slots, root, environment, ownEnv, cache, processes, openUses, warn, isLate, reasonOf } = options;
  const poolOptions: PoolSystemOptions = {
    ...{ slots, mode: 'grouped', cwd: root, env: environment, ownEnv, hasSlotVariables: false, warn },
  };
  const refusalOf = (error: unknown): Refusal => ({
    by: 'refusal',
    error: (error as NodeJS.ErrnoException).code ?? 'UNKNOWN',
    message: reasonOf(error),
  });
  const system = isLate ? openLateSystem(poolOptions, refusalOf) : await openPoolSystem(poolOptions);
  const runInteractive = (index: number, runTag: string): InteractiveRun =>
    startInteractive(options, index, `${runTag}task.0:${String(index)}:`);
  return {
    ports: {
      ...{ ...system.ports, cache, processes, terminalSignalsUs, runInteractive },
      uses: openUses?.(system.ports.runTag),
    },
    close: () => system.close(),
  };
}

/** In our own process group, so that it is the one in the terminal's foreground. */
function startInteractive(
  { graph, argsOf, environment, ownEnv }: TaskSystemOptions,
  index: number,
  runId: string,
): InteractiveRun {
  const task = graph[index]?.task;
  if (task === undefined) throw new Error(`no task ${String(index)}`);
  const env = taskEnvironment(task, environment);
  const shell = shellFor(env);
  const prelude = softNofilePrelude(ownEnv) + ignoringPrelude(ignoredAtStart(ownEnv));
  const [script, ...words] = shellWords(task, argsOf(index));
  const child = spawn(shell.file, [...shell.flags, '-c', prelude + script, ...words], {
    cwd: task.workingDir,
    env: { ...env, PROCSUP_RUN_ID: runId },
    stdio: 'inherit',
  });
  return {
    ended: new Promise((resolve) => {
      child.on('error', (error) => {
        if (child.pid === undefined) resolve(refusalOf(error, { root: task.workingDir, env }));
      });
      child.on('exit', (code, signal) => resolve(exitOf(code, signal)));
    }),
    signal: (name) => void child.kill(name),
  };
}
