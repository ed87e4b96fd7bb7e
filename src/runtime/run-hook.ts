/**
 * Runs one command of the user as the process itself would be run: with its environment, in its directory, its output among
 * that of the process. It leads a group of its own, which is killed when its time is over, and with it what it has left.
 */
import { wholeEnvironment } from '../core/plan/environment.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { HookEnd } from '../core/process/hook.ts';
import { scriptFor } from '../core/shell/command.ts';
import { runIdOf } from './run-id.ts';
import type { AttachedOutput, SupervisorOptions } from './supervisor-options.ts';

export type HookTools = Pick<
  SupervisorOptions,
  'launcher' | 'processGroups' | 'guard' | 'output' | 'clock' | 'runTag'
>;

export interface HookOrder {
  readonly instance: InstanceSpec;
  readonly run: number;
  readonly root: string;
  readonly command: string;
  readonly timeoutMs: number;
  /** What it is told beside the environment of the process. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface RunningHook {
  /** Nobody waits for it any more: SIGTERM, and SIGKILL after `ms`. Its end is told all the same. */
  end(ms: number): void;
}

/** `done` is called once, never before this returns. */
export function runHook(
  { launcher, processGroups, guard, output, clock, runTag }: HookTools,
  { instance, run, root, command, timeoutMs, variables }: HookOrder,
  done: (end: HookEnd) => void,
): RunningHook {
  // Not that of the process: what belongs to its run is stopped with it, and what is found of it later is taken for a daemon.
  const runId = runIdOf(runTag, `${instance.name}/hook`, run);
  let group: number | undefined;
  let attached: AttachedOutput | undefined;
  let cut: HookEnd | undefined;

  const kill = (): void => {
    if (group !== undefined) processGroups.signal({ pid: group, runId }, 'SIGKILL', 'group');
  };
  let cancel = clock.after(timeoutMs, () => {
    cut ??= { is: 'late', ms: timeoutMs };
    kill();
  });
  const finish = (end: HookEnd): void => {
    cancel();
    kill();
    if (group !== undefined) guard.remove(group);
    group = undefined;
    if (attached === undefined) done(cut ?? end);
    else attached.finish(() => done(cut ?? end));
  };

  launcher.launch(
    {
      runId,
      script: scriptFor(command),
      root,
      env: { ...wholeEnvironment(instance.env), ...variables },
      stdin: 'null',
    },
    {
      spawned(pid, fd) {
        group = pid;
        guard.add(pid);
        if (fd !== null) attached = output.attachHook(fd, instance);
      },
      refused: (exit) => void clock.after(0, () => finish({ is: 'exit', exit })),
      exited: (exit) => finish({ is: 'exit', exit }),
    },
  );

  return {
    end(ms) {
      if (group === undefined) return;
      cut = { is: 'overtaken' };
      cancel();
      if (ms === 0) {
        kill();
        return;
      }
      for (const signal of ['SIGTERM', 'SIGCONT'] as const)
        processGroups.signal({ pid: group, runId }, signal, 'group');
      cancel = clock.after(ms, kill);
    },
  };
}
