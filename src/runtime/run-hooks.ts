/**
 * The hooks of runs, in their turns: pre_start, post_start, pre_stop and then the stop command, post_stop. One at a time for
 * each instance, but for post_start, beside which the process lives: that is ended when the process is stopped or has ended.
 */
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { HookPlan, HooksPlan } from '../core/plan/process-plan.ts';
import { JUDGED, statusOf, type Exit, type Refusal } from '../core/process/exit.ts';
import { hookFailure, type HookEnd, type HookName } from '../core/process/hook.ts';
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
  beforeStart(run: HookedRun, start: () => void, refuse: (exit: Refusal) => void): void;
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
  readonly run: number;
  readonly hook: RunningHook;
  isOvertaken: boolean;
  /** Those who wait for its end. */
  readonly waiting: (() => void)[];
}

/** For one that nobody waits for any more. */
const GRACE_MS = 1000;

export function createRunHooks({ failed, ...tools }: RunHooksOptions): RunHooks {
  const running = new Map<string, Running>();
  const besides = new Map<string, Running>();
  /** By name: the run that was called off before its hook began. */
  const calledOff = new Map<string, number>();

  const launch = (
    where: Map<string, Running>,
    hooked: HookedRun,
    plan: HookPlan,
    variables: Readonly<Record<string, string>>,
    done: (end: HookEnd, isOvertaken: boolean) => void,
  ): void => {
    const { name } = hooked.instance;
    const hook = runHook(tools, { ...hooked, ...plan, variables }, (end) => {
      if (where.get(name) === one) where.delete(name);
      done(end, one.isOvertaken);
      for (const next of one.waiting) next();
    });
    const one: Running = { run: hooked.run, hook, isOvertaken: false, waiting: [] };
    where.set(name, one);
  };

  const tellFailure = (name: string, hook: HookName, end: HookEnd): void => {
    const words = hookFailure(end);
    if (words !== undefined) failed(name, hook, words);
  };

  const endBeside = (name: string): void => {
    const one = besides.get(name);
    if (one === undefined || one.isOvertaken) return;
    one.isOvertaken = true;
    one.hook.end(GRACE_MS);
  };

  /** Calls back, at once where it is so, when no hook of it runs. */
  const whenQuiet = (name: string, then: () => void): void => {
    const one = running.get(name) ?? besides.get(name);
    if (one === undefined) then();
    else one.waiting.push(() => whenQuiet(name, then));
  };

  return {
    beforeStart(hooked, start, refuse) {
      const { instance, run } = hooked;
      const { name } = instance;
      endBeside(name);
      whenQuiet(name, () => {
        const plan = hooksOf(instance).preStart;
        const isCalledOff = calledOff.get(name) === run;
        calledOff.delete(name);
        if (isCalledOff) return refuse(refusalOf('was not run'));
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
      endBeside(name);
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
      endBeside(name);
      whenQuiet(name, () => {
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
      const one = running.get(name);
      if (one?.run !== run) return void calledOff.set(name, run);
      one.isOvertaken = true;
      one.hook.end(ms);
    },
  };
}

const hooksOf = ({ plan }: InstanceSpec): HooksPlan => (plan.kind === 'stage' ? {} : (plan.hooks ?? {}));

const pidVariable = ({ pid }: StartedRun): Record<string, string> => ({ PROCSUP_PID: String(pid) });

const refusalOf = (words: string): Refusal => ({
  by: 'refusal',
  error: JUDGED.hookFailed,
  message: `pre_start ${words}`,
});
