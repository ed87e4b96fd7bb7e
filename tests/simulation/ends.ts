/** How the runs of the world end: which ends are a success, and what must follow from that. */
import type { FleetEvent, FleetState, MemberSpec } from '../../src/core/fleet/state.ts';
import { JUDGED, type Exit } from '../../src/core/process/exit.ts';
import { isAlive, type Phase, type Verdict } from '../../src/core/process/state.ts';
import { SIGNAL_NUMBERS, type SignalName } from '../../src/core/process/signals.ts';
import type { Core } from './oracle.ts';
import type { Random } from './random.ts';

export interface EndsOptions {
  readonly core: Core;
  /** By process: the statuses that its plan calls a success. */
  readonly successes: ReadonlyMap<string, readonly number[]>;
  readonly state: () => FleetState;
  readonly blame: (what: string) => void;
}

export interface Ends {
  /** As the fleet is told of it. */
  judged(name: string, exit: Exit): Exit;
  isSuccess(exit: Exit): boolean;
  /** After a step. */
  check(before: FleetState, event: FleetEvent, at: { now: number; random: number }): void;
  checkFinish(status: number): void;
}

/** What `on-failure` does not take for a crash. */
const STOP_SIGNALS: ReadonlySet<SignalName> = new Set(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE']);
const STOP_STATUSES: ReadonlySet<number> = new Set([129, 130, 143]);

export function randomVerdict(random: Random): Verdict {
  const isUnhealthy = random.chance(0.5);
  const error = isUnhealthy ? JUDGED.unhealthy : JUDGED.notReady;
  return { exit: { by: 'refusal', error, message: 'not ready' }, isUnhealthy };
}

export function createEnds({ core, successes, state, blame }: EndsOptions): Ends {
  /** Those that a plan says so of. */
  const successful = new WeakSet<Exit>();
  /** Something has ended for good, and failed. */
  let wasFailure = false;
  /** And it was no stage, whose pipeline has an end of its own. */
  let wasOwnFailure = false;
  const unhealthy = new Set<string>();

  const isSuccess = (exit: Exit): boolean => (exit.by === 'code' && exit.code === 0) || successful.has(exit);

  function isCrash(exit: Exit): boolean {
    if (isSuccess(exit)) return false;
    if (exit.by === 'signal') return !STOP_SIGNALS.has(exit.signal);
    return exit.by === 'refusal' || !STOP_STATUSES.has(exit.code);
  }

  const phaseOf = (name: string): Phase | undefined => state().members.get(name)?.process.phase;

  /** It is brought back if its policy says so, and always when it is not well. */
  function checkPolicy(before: FleetState, spec: MemberSpec): void {
    const { name, restart } = spec;
    const [was, member] = [before.members.get(name)?.process, state().members.get(name)];
    if (was === undefined || member === undefined || was.phase.name === 'backoff') return;
    const { process: is, goal } = member;
    const isUnhealthy = unhealthy.has(runOf(name, was.run));
    const mayRestart = (exit: Exit) =>
      isUnhealthy || restart.mode === 'always' || (restart.mode === 'on-failure' && isCrash(exit));
    const isBack = is.phase.name === 'backoff' || is.restarts > was.restarts;
    const last = is.phase.name === 'backoff' ? is.phase.exit : is.lastExit;
    if (isBack && last !== null && !mayRestart(last)) blame(`${name} is restarted against its policy`);
    // What a stage has read is the last word of its pipeline.
    if (spec.stage !== undefined || goal !== 'up' || is.want !== 'up' || !isAlive(was.phase)) return;
    const isLeft = is.phase.name === 'exited' || (is.phase.name === 'failed' && is.phase.why === 'refused');
    if (!isLeft) return;
    if (mayRestart(is.phase.exit)) blame(`${name} is not restarted, as its policy says`);
  }

  const runOf = (name: string, run: number): string => `${name} ${String(run)}`;

  /** They were stopped for that, and not on request since. */
  function noteUnhealthy(): void {
    for (const [name, { process }] of state().members) {
      const { phase, run } = process;
      if (phase.name !== 'stopping') continue;
      if (phase.verdict?.isUnhealthy === true) unhealthy.add(runOf(name, run));
      else unhealthy.delete(runOf(name, run));
    }
  }

  /** What is not ready in time does not run on, and its readiness is told once. */
  function checkVerdict(before: FleetState, event: FleetEvent, at: { now: number; random: number }): void {
    if (event.type !== 'process') return;
    const { name, event: news } = event;
    const was = before.members.get(name)?.process;
    if (news.type === 'unready' && news.run === was?.run) {
      // As soon as those that need it have been stopped, it is anyway.
      const isLeft = before.members.get(name)?.awaitsNeeds === true;
      const isJudged = was.phase.name === 'running' && was.want === 'up' && !isLeft;
      const isSame = state().members.get(name)?.process.run === news.run;
      if (isJudged && isSame && phaseOf(name)?.name === 'running') blame(`${name} is not ready, and runs on`);
    }
    if (news.type === 'ready' && core.stepFleet(state(), event, at).effects.length > 0)
      blame(`${name} is told to be ready again`);
  }

  /** Its success is what it is there for. Members that were dropped before need nothing any more. */
  const isTask = (before: FleetState, { process, isTask: is = false }: MemberSpec): boolean =>
    is ||
    state().spec.members.some(
      ({ name, needs }) =>
        (before.members.has(name) || state().members.has(name)) &&
        needs.some((need) => need.until === 'succeeded' && need.process === process),
    );

  /** The end of one ends the run if it is said so. */
  function checkOnExit(before: FleetState): void {
    if (before.closing !== null) return;
    const { closing, spec, members } = state();
    if (closing?.cause.by === 'exit') {
      const { name, exit } = closing.cause;
      const by = spec.byName.get(name);
      const onExit = by?.onExit ?? spec.onExit;
      if (by === undefined || by.stage !== undefined) return;
      const isFine = isSuccess(exit) && (onExit === 'stop-on-failure' || isTask(before, by));
      if (onExit === 'keep' || isFine) blame(`the end of ${name} ends the run`);
      return;
    }
    for (const member of spec.members) {
      const { name, stage, onExit = spec.onExit } = member;
      const { goal, process } = members.get(name) ?? {};
      if (goal !== 'up' || process === undefined || stage !== undefined || closing !== null) continue;
      const { phase } = process;
      if (phase === before.members.get(name)?.process.phase || onExit === 'keep') continue;
      if (phase.name !== 'exited' && phase.name !== 'failed') continue;
      const isFine = isSuccess(phase.exit) && (onExit === 'stop-on-failure' || isTask(before, member));
      if (!isFine) blame(`${name} has ended for good, and the run goes on`);
    }
  }

  function noteFailures(): void {
    for (const { name, stage } of state().spec.members) {
      const { goal, process } = state().members.get(name) ?? {};
      if (process === undefined) continue;
      const { phase } = process;
      const isFailure = phase.name === 'failed' || (phase.name === 'exited' && !isSuccess(phase.exit));
      wasFailure ||= isFailure;
      wasOwnFailure ||= isFailure && goal === 'up' && stage === undefined;
    }
  }

  /** What a start brings with it is no task that has succeeded. */
  function checkTasks(before: FleetState, event: FleetEvent): void {
    if (event.type !== 'request' || event.verb === 'stop' || before.closing !== null) return;
    for (const { name, process } of state().spec.members) {
      const needs = state().spec.members.flatMap((one) =>
        one.needs.filter((need) => need.process === process),
      );
      if (event.names.includes(name) || needs.some(({ until }) => until !== 'succeeded')) continue;
      const was = before.members.get(name)?.process.phase;
      if (was?.name === 'exited' && isSuccess(was.exit) && phaseOf(name) !== was)
        blame(`${name} has succeeded, and is run again`);
    }
  }

  return {
    isSuccess,
    judged(name, exit) {
      const process = state().spec.byName.get(name)?.process ?? '';
      const told = core.judged(exit, successes.get(process));
      const status =
        exit.by === 'code' ? exit.code : exit.by === 'signal' ? 128 + SIGNAL_NUMBERS[exit.signal] : undefined;
      if (status !== undefined && successes.get(process)?.includes(status) === true) successful.add(told);
      return told;
    },
    check(before, event, at) {
      if (event.type !== 'reform') for (const spec of state().spec.members) checkPolicy(before, spec);
      noteUnhealthy();
      checkVerdict(before, event, at);
      checkOnExit(before);
      checkTasks(before, event);
      noteFailures();
    },
    checkFinish(status) {
      if (state().closing !== null) return;
      if (status !== 0 && !wasFailure) blame(`nothing has failed, and the status is ${String(status)}`);
      if (status === 0 && wasOwnFailure) blame('something has failed, and the status is 0');
    },
  };
}
