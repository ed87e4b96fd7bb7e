/** Performs what the machine wants of hooks. Their code is loaded with the first of them. */
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { HooksPlan } from '../core/plan/process-plan.ts';
import { JUDGED, type Exit } from '../core/process/exit.ts';
import type { ProcessEffect, ProcessEvent } from '../core/process/state.ts';
import type { Plan } from './plan.ts';
import { runIdOf } from './run-id.ts';
import type { RunHooks } from './run-hooks.ts';
import type { SupervisorOptions } from './supervisor-options.ts';

export type HookEffect = Extract<ProcessEffect, { type: 'run-stop-hooks' | 'run-end-hooks' | 'end-hooks' }>;

export interface HookEffects {
  /** Calls back, at once where there is no hook, when the program may be started. Else it is refused. */
  beforeStart(instance: InstanceSpec, run: number, isBeside: boolean, start: () => void): void;
  started(instance: InstanceSpec, run: number, pid: number): void;
  ended(name: string, run: number, pid: number, exit: Exit): void;
  perform(name: string, effect: HookEffect): void;
}

export function createHookEffects(
  options: SupervisorOptions,
  plan: Plan,
  tell: (name: string, event: ProcessEvent) => void,
): HookEffects {
  /** By run: those that have ended, and whose hooks have not. */
  const ends = new Map<string, { readonly pid: number; readonly exit: Exit }>();
  let loading: Promise<RunHooks> | undefined;
  let known: RunHooks | undefined;

  const load = async (): Promise<RunHooks> => {
    const { createRunHooks } = await import('./run-hooks.ts');
    known = createRunHooks({
      ...options,
      failed: (name, hook, words) => options.on.record({ type: 'hook-failed', name, hook, words }),
    });
    return known;
  };
  /** In the order in which they come. Without its files procsup cannot run a hook, and goes on without. */
  const withHooks = (deed: (hooks: RunHooks) => void, otherwise: (error: unknown) => void): void => {
    if (known !== undefined) return deed(known);
    loading ??= load();
    loading.then(deed, otherwise);
  };

  const hookedRun = (instance: InstanceSpec, run: number) => ({
    ...{ instance, run },
    root: instance.plan.workingDir ?? plan.root,
  });

  return {
    beforeStart(instance, run, isBeside, start) {
      if (hooksOf(instance)?.preStart === undefined) {
        start();
        return;
      }
      const refuse = (exit: Extract<Exit, { by: 'refusal' }>): void =>
        tell(instance.name, { type: 'refused', run, exit });
      withHooks(
        (hooks) => hooks.beforeStart({ ...hookedRun(instance, run), isBeside }, start, refuse),
        (error) =>
          refuse({
            by: 'refusal',
            error: JUDGED.hookFailed,
            message: `cannot run pre_start: ${String(error)}`,
          }),
      );
    },
    started(instance, run, pid) {
      if (hooksOf(instance)?.postStart === undefined) return;
      const failed = (error: unknown): void =>
        options.on.record({
          ...({ type: 'hook-failed', name: instance.name, hook: 'post_start' } as const),
          words: `cannot be run: ${String(error)}`,
        });
      withHooks((hooks) => hooks.afterStart({ ...hookedRun(instance, run), pid }), failed);
    },
    ended(name, run, pid, exit) {
      const instance = plan.instances.get(name);
      if (instance !== undefined && mayHaveEndHooks(instance))
        ends.set(runIdOf('', name, run), { pid, exit });
    },
    perform(name, effect) {
      const { run } = effect;
      const instance = plan.instances.get(name);
      switch (effect.type) {
        case 'run-stop-hooks': {
          const { pid, ms } = effect;
          const over = (): void => tell(name, { type: 'stop-hooks-over', run });
          if (instance === undefined) {
            over();
            return;
          }
          withHooks((hooks) => hooks.beforeStop({ ...hookedRun(instance, run), pid }, ms, over), over);
          return;
        }
        case 'run-end-hooks': {
          const end = ends.get(runIdOf('', name, run));
          ends.delete(runIdOf('', name, run));
          const over = (): void => tell(name, { type: 'cleared', run });
          if (instance === undefined || end === undefined) {
            over();
            return;
          }
          withHooks((hooks) => hooks.afterEnd({ ...hookedRun(instance, run), ...end }, over), over);
          return;
        }
        case 'end-hooks': {
          withHooks(
            (hooks) => hooks.end(name, run, effect.ms),
            () => undefined,
          );
          return;
        }
      }
    },
  };
}

const mayHaveEndHooks = (instance: InstanceSpec): boolean =>
  hooksOf(instance) !== undefined || instance.plan.stop?.command !== undefined;

const hooksOf = ({ plan }: InstanceSpec): HooksPlan | undefined =>
  plan.kind === 'stage' ? undefined : plan.hooks;
