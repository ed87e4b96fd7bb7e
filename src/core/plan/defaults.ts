/** What holds for a process whose plan leaves it open: all defaults of plans are filled in here. */
import { RESTART_DEFAULTS, type RestartMode, type RestartPolicy } from '../process/restart-policy.ts';
import { stopLadder, type StopLadder } from '../process/stop-ladder.ts';
import type { InstanceSpec } from './app-spec.ts';
import type { ProcessPlan, StagePlan, StdinKind } from './process-plan.ts';

/** What the command line says for all processes. */
export interface ProcessDefaults {
  readonly restart: RestartMode;
  /** Before the first restart. */
  readonly restartDelayMs: number;
  /** How long a process may take to stop before it is killed. */
  readonly timeoutMs: number;
  readonly stdin: StdinKind;
}

const DRAIN_MS = 5_000;

/**
 * A first delay that is longer than the longest one makes that longer. `always` on the command line means those that are
 * to go on running: a task that has succeeded is done.
 */
export function restartPolicyOf(
  { restart = {}, kind }: Pick<ProcessPlan, 'restart'> & { readonly kind?: ProcessPlan['kind'] },
  { restart: given, restartDelayMs }: ProcessDefaults,
): RestartPolicy {
  const mode = kind === 'task' && given === 'always' ? 'on-failure' : given;
  const policy = { ...RESTART_DEFAULTS, mode, delayMs: restartDelayMs, ...restart };
  return { ...policy, maxDelayMs: Math.max(policy.maxDelayMs, policy.delayMs) };
}

export function stopLadderOf(
  { stop = {} }: Pick<ProcessPlan, 'stop'>,
  { timeoutMs }: ProcessDefaults,
): StopLadder {
  return stopLadder(stop.signal ?? 'SIGTERM', stop.timeoutMs ?? timeoutMs);
}

/** Null where it reads its terminal, or the output of another stage. */
export function stdinOf(
  { plan, stage }: Pick<InstanceSpec, 'plan' | 'stage'>,
  { stdin }: Pick<ProcessDefaults, 'stdin'>,
): StdinKind | null {
  return plan.tty === true || (stage?.upstream ?? null) !== null ? null : (plan.stdin ?? stdin);
}

export const drainMsOf = ({ drainMs = DRAIN_MS }: Pick<StagePlan, 'drainMs'>): number => drainMs;
