/** Looks at the trees of processes with limits, once a second while one of them runs, and has done what their limits say. */
import {
  lookAt,
  NEW_LIMITS,
  type Excess,
  type Look,
  type LimitsState,
  type WatchedLimit,
} from '../core/limits/limits.ts';
import { excessText } from '../core/limits/words.ts';
import type { InstanceFact } from '../core/events.ts';
import { JUDGED, type Exit } from '../core/process/exit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Sampler } from '../ports/measuring.ts';
import type { Usage } from '../core/usage.ts';
import { createStatsLoop } from './stats-loop.ts';

/** An instance with limits, as it is now. */
export interface LimitedInstance extends Pick<Look, 'name' | 'process' | 'run' | 'standing'> {
  readonly limits: readonly WatchedLimit[];
  /** Of its program; undefined: it has none now. */
  readonly program: { readonly pid: number; readonly startedAtMs: number } | undefined;
}

export interface LimitsOptions {
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly instances: () => readonly LimitedInstance[];
  /** `isRestarted`: whatever its restart policy is. */
  readonly stop: (name: string, run: number, exit: Exit, isRestarted: boolean) => void;
  readonly record: (name: string, fact: InstanceFact) => void;
}

export interface LimitsKeeper {
  /** Instances may have come, gone or started. */
  changed(): void;
  close(): void;
}

export function createLimitsKeeper(options: LimitsOptions): LimitsKeeper {
  const { sampler, clock, instances, stop, record } = options;
  const running = (): readonly LimitedInstance[] =>
    instances().filter(({ program }) => program !== undefined);
  const stats = createStatsLoop({
    sampler,
    clock,
    // With the limits goes the last reading: nobody else looks at this one.
    lingerMs: 0,
    roots: () =>
      new Map(running().flatMap(({ name, program }) => (program === undefined ? [] : [[name, program]]))),
  });
  let state: LimitsState = NEW_LIMITS;
  let leave: (() => void) | undefined;

  const look = (usages: ReadonlyMap<string, Usage>): void => {
    const looks = instances().map((one) => ({ ...one, used: usedOf(usages.get(one.name)) }));
    const { state: next, excesses, recoveries } = lookAt(state, looks, clock.now());
    state = next;
    for (const excess of excesses) carryOut(excess);
    for (const { name, limit, used } of recoveries)
      record(name, { type: 'within-limit', limit: limit.kind, used, max: limit.max });
  };

  const carryOut = (excess: Excess): void => {
    const { name, run, limit, used, lastedMs } = excess;
    const { kind, max, action } = limit;
    record(name, { type: 'over-limit', limit: kind, used, max, lastedMs, action });
    if (action === 'warn') return;
    const exit = {
      by: 'refusal',
      error: JUDGED.overLimit,
      message: excessText(kind, used, max, lastedMs),
    } as const;
    stop(name, run, action === 'stop' ? { ...exit, lasting: true } : exit, action === 'restart');
  };

  return {
    changed() {
      const isNeeded = running().length > 0;
      if (isNeeded) leave ??= stats.watch(look, LOOK_EVERY_MS);
      else {
        leave?.();
        leave = undefined;
      }
    },
    close() {
      leave?.();
      stats.close();
    },
  };
}

const LOOK_EVERY_MS = 1000;

const usedOf = (usage: Usage | undefined) =>
  usage && {
    memory: usage.memory,
    cpu: usage.cpu === null ? null : usage.cpu / 100,
    processes: usage.processes,
  };
