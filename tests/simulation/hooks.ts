/** The hooks of the world: what is run around the programs of the stories, and what must hold of it. */
import type { MemberSpec } from '../../src/core/fleet/state.ts';
import type { ProcessEffect, ProcessEvent, ProcessState } from '../../src/core/process/state.ts';
import type { Random } from './random.ts';

export interface HooksOptions {
  readonly random: Random;
  readonly later: (ms: number, happen: () => void) => void;
  readonly blame: (what: string) => void;
  readonly tell: (name: string, event: ProcessEvent) => void;
  readonly specOf: (name: string) => MemberSpec | undefined;
  readonly processOf: (name: string, run: number) => ProcessState | undefined;
  /** A rolling restart of it is under way. */
  readonly isTwofold: (name: string) => boolean;
}

export interface Hooks {
  /** Calls back, now or later, unless the hook is ended or fails: then it refuses. */
  runStart(name: string, run: number, on: { start: () => void; refuse: (message: string) => void }): void;
  runStop(name: string, run: number): void;
  runEnd(name: string, run: number): void;
  end(name: string, run: number, ms: number): void;
  /** Before its start or after its end. */
  runsAny(name: string): boolean;
  check(): void;
  /** `isStop`: of its ladder, to a program that lives. */
  checkSignal(name: string, signal: Extract<ProcessEffect, { type: 'signal' }>, isStop: boolean): void;
  /** Nothing of the run is left. */
  checkEnded(name: string, run: number): void;
  checkFinish(): void;
}

interface Hook {
  readonly when: 'start' | 'stop' | 'end';
  readonly run: number;
  readonly done: () => void;
  isEnded: boolean;
}

export function createHooks(options: HooksOptions): Hooks {
  const { random, later, blame, tell, specOf, processOf, isTwofold } = options;
  /** By run: at most one for each. */
  const running = new Map<string, Hook & { readonly name: string }>();
  const keyOf = (name: string, run: number): string => `${name} ${String(run)}`;
  const of = (name: string) => [...running.values()].filter((hook) => hook.name === name);
  const stopped = new Set<string>();
  const ended = new Set<string>();

  const run = (name: string, hook: Omit<Hook, 'isEnded'>, ms: number): void => {
    const other = running.get(keyOf(name, hook.run));
    if (other !== undefined && other.when !== 'stop') blame(`${name} has two hooks at once`);
    const one = { ...hook, name, isEnded: false };
    running.set(keyOf(name, hook.run), one);
    later(ms, () => finish(name, one));
  };

  const finish = (name: string, hook: Hook): void => {
    if (running.get(keyOf(name, hook.run)) !== hook) return;
    running.delete(keyOf(name, hook.run));
    hook.done();
  };

  const is = (name: string, when: Hook['when'], run?: number): Hook | undefined =>
    of(name).find((hook) => hook.when === when && (run === undefined || hook.run === run));

  return {
    runStart(name, number, on) {
      // After a reform there may be nobody who waits for those before its stop.
      if (of(name).some(({ when }) => when !== 'stop') && !isTwofold(name))
        blame(`${name} starts beside a hook of its last run`);
      if (!isTwofold(name)) for (const hook of of(name)) running.delete(keyOf(name, hook.run));
      if (specOf(name)?.hooks?.start !== true) {
        on.start();
        return;
      }
      const fails = random.chance(0.2);
      const done = (): void => {
        if (hook.isEnded || fails) on.refuse(hook.isEnded ? 'pre_start was ended' : 'pre_start failed');
        else on.start();
      };
      run(name, { when: 'start', run: number, done }, random.pick([0, 50, 3000]));
      const hook = running.get(keyOf(name, number)) ?? { isEnded: false };
    },
    runStop(name, number) {
      stopped.add(`${name} ${String(number)}`);
      const done = (): void => {
        tell(name, { type: 'stop-hooks-over', run: number });
        const { phase } = processOf(name, number) ?? {};
        if (phase?.name === 'stopping' && phase.hooked === true)
          blame(`${name} gets no signal after its hook before that`);
      };
      run(name, { when: 'stop', run: number, done }, random.pick([0, 50, 3000, 20_000]));
    },
    runEnd(name, number) {
      const key = `${name} ${String(number)}`;
      if (ended.has(key)) blame(`${name} has a second hook after its end`);
      ended.add(key);
      const done = () => tell(name, { type: 'cleared', run: number });
      run(name, { when: 'end', run: number, done }, random.pick([0, 50, 3000]));
    },
    end(name, number, ms) {
      const hook = running.get(keyOf(name, number));
      if (hook === undefined) return;
      hook.isEnded = true;
      later(random.between(0, ms), () => finish(name, hook));
    },
    runsAny: (name) => is(name, 'start') !== undefined || is(name, 'end') !== undefined,
    check() {
      for (const { name, run, when, isEnded } of running.values()) {
        const process = processOf(name, run);
        // Also where its spec has lost it since.
        if (when === 'start' && process?.want === 'down' && !isEnded)
          blame(`${name} is to be down, and its hook before the start goes on`);
      }
    },
    checkSignal(name, { run: number, signal, reach }, isStop) {
      if (!isStop) return;
      const spec = specOf(name);
      const hook = is(name, 'stop', number);
      if (hook?.isEnded === false) blame(`${name} gets ${signal} while its hook before that runs`);
      const isLast = signal === 'SIGKILL';
      if (isLast && reach === 'main') blame(`${name} is killed without its group`);
      if (isLast) return;
      if (reach !== (spec?.stopTarget ?? 'group')) blame(`${signal} reaches ${reach} of ${name}`);
      const isHooked = spec?.hooks?.stop === true && !stopped.has(`${name} ${String(number)}`);
      if (isHooked) blame(`${name} gets ${signal} without its hook before that`);
    },
    checkEnded(name, number) {
      const isDue = specOf(name)?.hooks?.end === true && !ended.has(`${name} ${String(number)}`);
      if (isDue) blame(`${name} has ended without its hook after that`);
    },
    checkFinish() {
      for (const { name, when } of running.values())
        if (when !== 'stop') blame(`a hook of ${name} runs after finish`);
    },
  };
}
