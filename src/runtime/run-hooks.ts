/**
 * The hooks of runs, in their turns: pre_start, post_start, pre_stop and then the stop command, post_stop. One at a time for
 * each run, but for post_start, beside which the process lives: that is ended when the process is stopped or has ended.
 */
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { HookPlan, HooksPlan } from '../core/plan/process-plan.ts';
import { JUDGED, statusOf, type Exit, type Refusal } from '../core/process/exit.ts';
import { hookFailure, type HookEnd, type HookName } from '../core/process/hook.ts';
import { runIdOf } from './run-id.ts';
import { runHook, type HookTools, type RunningHook } from './run-hook.ts';

export interface HookedRun {
  readonly instance: InstanceSpec;
  readonly run: number;
  readonly root: string;
}

export interface StartedRun extends HookedRun {
  readonly pid: number;
}

export interface EndedRun extends StartedRun {
  readonly exit: Exit;
}

export interface RunHooks {
  /** `isBeside`: another run of it lives, whose hooks are left alone. */
  beforeStart(
    run: HookedRun & { readonly isBeside: boolean },
    start: () => void,
    refuse: (exit: Refusal) => void,
  ): void;
  afterStart(run: StartedRun): void;
  /** All that come before the first signal together have `ms`. */
  beforeStop(run: StartedRun, ms: number, over: () => void): void;
  afterEnd(run: EndedRun, over: () => void): void;
  /** The one that runs, or is about to. */
  end(name: string, run: number, ms: number): void;
}

export interface RunHooksOptions extends HookTools {
  readonly failed: (name: string, hook: HookName, words: string) => void;
}

interface Running {
  readonly name: string;
  readonly hook: RunningHook;
  isOvertaken: boolean;
  /** Those who wait for its end. */
  readonly waiting: (() => void)[];
}

/** For one that nobody waits for any more. */
const GRACE_MS = 1000;

export function createRunHooks({ failed, ...tools }: RunHooksOptions): RunHooks {
  /** By run. */
  const running = new Map<string, Running>();
  const besides = new Map<string, Running>();
  /** Runs that were called off before their hooks began. */
  const calledOff = new Set<string>();

  const launch = (
    where: Map<string, Running>,
    hooked: HookedRun,
    plan: HookPlan,
    variables: Readonly<Record<string, string>>,
    done: (end: HookEnd, isOvertaken: boolean) => void,
  ): void => {
    const key = keyOf(hooked);
    const { name } = hooked.instance;
    const hook = runHook(tools, { ...hooked, ...plan, variables }, (end) => {
      if (where.get(key) === one) where.delete(key);
      done(end, one.isOvertaken);
      for (const next of one.waiting) next();
    });
    const one: Running = { name, hook, isOvertaken: false, waiting: [] };
    where.set(key, one);
  };

  const tellFailure = (name: string, hook: HookName, end: HookEnd): void => {
    const words = hookFailure(end);
    if (words !== undefined) failed(name, hook, words);
  };

  const endBeside = (one: Running | undefined): void => {
    if (one === undefined || one.isOvertaken) return;
    one.isOvertaken = true;
    one.hook.end(GRACE_MS);
  };

  /** Calls back, at once where it is so, when `find` finds none that runs. */
  const whenQuiet = (find: () => Running | undefined, then: () => void): void => {
    const one = find();
    if (one === undefined) then();
    else one.waiting.push(() => whenQuiet(find, then));
  };

  const ofRun = (key: string) => (): Running | undefined => running.get(key) ?? besides.get(key);
  const ofInstance = (name: string) => (): Running | undefined =>
    [...running.values(), ...besides.values()].find((one) => one.name === name);

  return {
    beforeStart(hooked, start, refuse) {
      const { instance, isBeside } = hooked;
      const { name } = instance;
      const key = keyOf(hooked);
      if (!isBeside) for (const one of besides.values()) if (one.name === name) endBeside(one);
      whenQuiet(isBeside ? ofRun(key) : ofInstance(name), () => {
        const plan = hooksOf(instance).preStart;
        if (calledOff.delete(key)) return refuse(refusalOf('was not run'));
        if (plan === undefined) return start();
        launch(running, hooked, plan, {}, (end, isOvertaken) => {
          const words = isOvertaken ? 'was stopped' : hookFailure(end);
          if (words === undefined) start();
          else refuse(refusalOf(words));
        });
      });
    },

    afterStart(hooked) {
      const plan = hooksOf(hooked.instance).postStart;
      if (plan === undefined) return;
      launch(besides, hooked, plan, pidVariable(hooked), (end) =>
        tellFailure(hooked.instance.name, 'post_start', end),
      );
    },

    beforeStop(hooked, ms, over) {
      const { instance } = hooked;
      const { name } = instance;
      endBeside(besides.get(keyOf(hooked)));
      const endMs = tools.clock.now() + ms;
      const { stop } = instance.plan;
      const { preStop } = hooksOf(instance);
      const left = (): number => Math.max(1, endMs - tools.clock.now());
      const commands: readonly (readonly [HookName, HookPlan])[] = [
        ...(preStop === undefined ? [] : [['pre_stop', preStop] as const]),
        ...(stop?.command === undefined
          ? []
          : [['stop_command', { command: stop.command, timeoutMs: ms }] as const]),
      ];
      const next = (at: number): void => {
        const [hook, plan] = commands[at] ?? [];
        if (hook === undefined || plan === undefined) return over();
        const limited = { ...plan, timeoutMs: Math.min(plan.timeoutMs, left()) };
        launch(running, hooked, limited, pidVariable(hooked), (end, isOvertaken) => {
          tellFailure(name, hook, end);
          if (isOvertaken) over();
          else next(at + 1);
        });
      };
      next(0);
    },

    afterEnd(hooked, over) {
      const { instance, exit } = hooked;
      const { name } = instance;
      const key = keyOf(hooked);
      endBeside(besides.get(key));
      whenQuiet(ofRun(key), () => {
        const plan = hooksOf(instance).postStop;
        if (plan === undefined) return over();
        const variables = { ...pidVariable(hooked), PROCSUP_EXIT_STATUS: String(statusOf(exit)) };
        launch(running, hooked, plan, variables, (end) => {
          tellFailure(name, 'post_stop', end);
          over();
        });
      });
    },

    end(name, run, ms) {
      const key = runIdOf('', name, run);
      const one = running.get(key);
      if (one === undefined) return void calledOff.add(key);
      one.isOvertaken = true;
      one.hook.end(ms);
    },
  };
}

const keyOf = ({ instance, run }: HookedRun): string => runIdOf('', instance.name, run);

const hooksOf = ({ plan }: InstanceSpec): HooksPlan => (plan.kind === 'stage' ? {} : (plan.hooks ?? {}));

const pidVariable = ({ pid }: StartedRun): Record<string, string> => ({ PROCSUP_PID: String(pid) });

const refusalOf = (words: string): Refusal => ({
  by: 'refusal',
  error: JUDGED.hookFailed,
  message: `pre_start ${words}`,
});
