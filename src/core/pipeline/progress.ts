/**
 * The progress of a pipeline from samples of its stages: what each moves, and which one the others wait for.
 *
 * Bytes pile up before the slowest stage and are missing behind it: those before it wait until their output is taken,
 * those behind it wait for input. So it is to be found behind the last stage that waits for its output, and before the
 * next one that waits for input.
 */
import type { StageWait } from './stage-wait.ts';

/** A sample of a stage. Amounts count from its start. */
export interface StageLook {
  readonly isLiving: boolean;
  readonly wait: StageWait;
  readonly cpuMs: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** All stages at one moment; null: nothing is known of it yet. */
export interface PipelineLook {
  /** By any clock that does not go back. */
  readonly atMs: number;
  readonly stages: readonly (StageLook | null)[];
}

export interface StageProgress {
  readonly hasEnded: boolean;
  /** What it has written; what the last one has read. null: not known. */
  readonly bytes: number | null;
  /** null: it has ended, or it is too early to tell. */
  readonly bytesPerSecond: number | null;
}

/** A stage by its index, or an edge of the pipeline; null if no stage waits, or if it is unknown. */
export type Awaited = number | 'stdin' | 'stdout' | null;

export interface PipelineProgress {
  readonly stages: readonly StageProgress[];
  readonly awaited: Awaited;
}

/** So much of the past counts: a single moment says little. */
const WINDOW_MS = 2000;
/** A stage that uses this much of a core is working, whatever its first thread waits for. */
const BUSY_SHARE = 0.5;
/** So much more than another one's must be the CPU time of the busiest to tell them apart. */
const CLEARLY_MORE = 1.25;

/** The looks that still count, with a new one. */
export function withLook(looks: readonly PipelineLook[], look: PipelineLook): readonly PipelineLook[] {
  return [...looks.filter(({ atMs }) => look.atMs - atMs <= WINDOW_MS), look];
}

/** Looks from the earliest to the latest. */
export function pipelineProgress(looks: readonly PipelineLook[]): PipelineProgress {
  const latest = looks.at(-1);
  if (latest === undefined) return { stages: [], awaited: null };
  const lastStage = latest.stages.length - 1;
  return {
    stages: latest.stages.map((look, stage) => {
      const bytesOf = stage === lastStage ? readBytesOf : writtenBytesOf;
      return {
        hasEnded: look?.isLiving === false,
        bytes: look === null ? null : bytesOf(look),
        bytesPerSecond: look?.isLiving === true ? perSecond(looks, stage, bytesOf) : null,
      };
    }),
    awaited: awaitedStage(
      latest.stages.map((look, stage) => (look?.isLiving === true ? habitOf(looks, stage) : null)),
    ),
  };
}

/** What a living stage did most of the time. */
export interface Habit {
  readonly wait: StageWait;
  /** In cores. */
  readonly cpuShare: number;
}

/** null: the stage has ended, or is not known. */
export function awaitedStage(habits: readonly (Habit | null)[]): Awaited {
  const living = habits.flatMap((habit, stage) => (habit === null ? [] : [{ ...habit, stage }]));
  const blocked = living.findLastIndex(({ wait }) => wait === 'output');
  const starved = living.findIndex(({ wait }, at) => at > blocked && wait === 'input');
  const between = living.slice(blocked + 1, starved === -1 ? undefined : starved);

  if (between.length > 0) {
    const isAwaited = blocked !== -1 || starved !== -1;
    const working = between.filter(({ wait }) => wait === 'none');
    if (working.length > 0) return isAwaited || working.length > 1 ? busiest(working) : null;
    return isAwaited && between.length === 1 ? (between[0]?.stage ?? null) : null;
  }
  if (starved === 0 && living[0]?.stage === 0) return 'stdin';
  if (blocked === living.length - 1 && living.at(-1)?.stage === habits.length - 1) return 'stdout';
  return null;
}

function busiest(working: readonly (Habit & { readonly stage: number })[]): number | null {
  const [first, second] = working.toSorted((a, b) => b.cpuShare - a.cpuShare);
  if (first === undefined) return null;
  const isClear = second === undefined || first.cpuShare > second.cpuShare * CLEARLY_MORE;
  return isClear ? first.stage : null;
}

/** `unknown` unless it was the same in more than half of the looks. */
function habitOf(looks: readonly PipelineLook[], stage: number): Habit {
  const seen = seenOf(looks, stage);
  const cpuShare = (perSecond(looks, stage, ({ cpuMs }) => cpuMs) ?? 0) / 1000;
  if (cpuShare >= BUSY_SHARE) return { wait: 'none', cpuShare };
  const isUsual = (wait: StageWait): boolean =>
    seen.filter(({ look }) => look.wait === wait).length * 2 > seen.length;
  return { wait: WAITS.find(isUsual) ?? 'unknown', cpuShare };
}

const WAITS = ['none', 'input', 'output'] as const satisfies readonly StageWait[];

/** null: there were not two looks at it. */
function perSecond(
  looks: readonly PipelineLook[],
  stage: number,
  amountOf: (look: StageLook) => number,
): number | null {
  const seen = seenOf(looks, stage);
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((amountOf(last.look) - amountOf(first.look)) * 1000) / (last.atMs - first.atMs);
}

interface Seen {
  readonly atMs: number;
  readonly look: StageLook;
}

function seenOf(looks: readonly PipelineLook[], stage: number): readonly Seen[] {
  return looks.flatMap(({ atMs, stages }) => {
    const look = stages[stage] ?? null;
    return look === null ? [] : [{ atMs, look }];
  });
}

const readBytesOf = ({ readBytes }: StageLook): number => readBytes;
const writtenBytesOf = ({ writtenBytes }: StageLook): number => writtenBytes;
