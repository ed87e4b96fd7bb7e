/**
 * The state of a pool. It is changed in place by `stepPool`: a pool takes thousands of jobs a second, and nobody else looks
 * at it meanwhile.
 */
import type { PoolEffect } from './events.ts';
import type { PoolSpec } from './pool-spec.ts';
import { Queue } from './queue.ts';
import { newMedian, type Median } from './median.ts';

/**
 * `lost`: its shell could not be started, so there is one job less at once. A run is one job on one slot; what is told of an
 * older one is late.
 */
export type Slot = { run: number } & (
  | { phase: 'idle' | 'lost' }
  | { phase: 'running'; seq: number }
  | { phase: 'stopping'; seq: number; why: StopReason; rung: 'asked' | 'killed' }
);

/** A job that ran out of its time has failed and may be tried again; one that the pool stopped has not been done. */
export type StopReason = 'timeout' | 'pool';

/** `open`: jobs are started; `closing`: no more, and those that run may end; `stopping`: they are stopped as well. */
export type PoolPhase = 'open' | 'closing' | 'stopping' | 'over';

export interface PoolState {
  phase: PoolPhase;
  /** From 1; the first one is not used. */
  readonly slots: Slot[];
  /** Idle ones; the one that was used last is used first, for its shell is there. */
  readonly idle: number[];
  /** Slots that are not lost. */
  open: number;
  /** Jobs that were asked for and have not come. */
  awaited: number;
  sourceEnded: boolean;
  /** Jobs that were not started yet. */
  readonly waiting: Queue;
  /** To be tried again, before all others. */
  readonly again: number[];
  /** How often a job was tried that is to be tried again, or is being. */
  readonly attempts: Map<number, number>;
  /** `keepOrder`: all jobs that were not delivered, in their order. */
  readonly order: Queue;
  /** Of those, the ones that have ended (true) or will never begin (false). */
  readonly settled: Map<number, boolean>;
  /** Between two starts. */
  isDelayed: boolean;
  gate: 'none' | 'shut' | 'asked' | 'passed';
  /** Results are read more slowly than they come. */
  outputIsFull: boolean;
  readonly counts: PoolCounts;
  readonly median: Median;
  halted: Halted | null;
}

/** What one event does. */
export interface Step {
  readonly spec: PoolSpec;
  readonly state: PoolState;
  readonly effects: PoolEffect[];
}

export interface PoolCounts {
  /** Jobs with a result. */
  done: number;
  failed: number;
  /** Jobs that came and have no result: they were not started, or stopped by the pool. */
  notDone: number;
}

/** The counts at that moment, and how the job ended that was the last straw. */
export interface Halted {
  readonly done: number;
  readonly failed: number;
  readonly status: number;
}

export function newPool({ slots }: Pick<PoolSpec, 'slots'>, { gated = false } = {}): PoolState {
  return {
    phase: 'open',
    slots: Array.from({ length: slots + 1 }, (): Slot => ({ phase: 'idle', run: 0 })),
    idle: Array.from({ length: slots }, (_, index) => slots - index),
    open: slots,
    awaited: 0,
    sourceEnded: false,
    waiting: new Queue(),
    again: [],
    attempts: new Map(),
    order: new Queue(),
    settled: new Map(),
    isDelayed: false,
    gate: gated ? 'shut' : 'none',
    outputIsFull: false,
    counts: { done: 0, failed: 0, notDone: 0 },
    median: newMedian(),
    halted: null,
  };
}
