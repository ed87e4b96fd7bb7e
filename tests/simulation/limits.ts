/**
 * Random lives of processes with limits: what they use goes up and down, they end, come back late or never, and a reload
 * changes their limits. At each look an oracle, which knows the history only, says what may be done and what must be.
 */
import type * as Limits from '../../src/core/limits/limits.ts';
import { WATCHED, type Look, type Used, type WatchedKind } from '../../src/core/limits/limits.ts';
import { createLimitOracle } from './limit-oracle.ts';
import { seeded, type Random } from './random.ts';

export type LimitsCore = Pick<typeof Limits, 'lookAt' | 'NEW_LIMITS'>;

export interface LimitsLife {
  readonly violations: readonly string[];
  /** Of each action, and of the recoveries. */
  readonly counts: Readonly<Record<'warn' | 'restart' | 'stop' | 'recovered' | 'inTurn', number>>;
}

const LOOKS = 120;
const MAX = 100;

/** An instance as the world has it. */
interface Living {
  readonly name: string;
  readonly process: string;
  run: number;
  phase: 'settled' | 'unsettled' | 'stopping' | 'away' | 'down';
  /** Looks until the next phase. */
  left: number;
  isForGood: boolean;
  used: Record<WatchedKind, number>;
}

export function liveLimited(seed: number, { lookAt, NEW_LIMITS }: LimitsCore): LimitsLife {
  const random = seeded(seed);
  const counts = { warn: 0, restart: 0, stop: 0, recovered: 0, inTurn: 0 };
  const oracle = createLimitOracle();
  const processes = ['web', 'worker'] as const;
  const limits = new Map<string, readonly Limits.WatchedLimit[]>(
    processes.map((process) => [process, limitsBy(random)]),
  );
  const all = processes.flatMap((process) =>
    Array.from({ length: random.between(1, 3) }, (_, at) => born(`${process}.${String(at + 1)}`, process)),
  );
  let state = NEW_LIMITS;
  let nowMs = 0;

  for (let at = 0; at < LOOKS; at += 1) {
    // A busy supervisor looks late.
    nowMs += random.chance(0.1) ? random.between(1001, 4000) : 1000;
    if (random.chance(0.04)) limits.set(random.pick(processes), limitsBy(random));
    for (const one of all) live(one, random);
    const looks = all.map((one) => lookOf(one, limits.get(one.process) ?? [], random));
    const verdicts = lookAt(state, looks, nowMs);
    state = verdicts.state;
    counts.inTurn += oracle.judge(looks, verdicts, nowMs);
    counts.recovered += verdicts.recoveries.length;
    for (const { name, limit } of verdicts.excesses) {
      counts[limit.action] += 1;
      const one = all.find((other) => other.name === name);
      if (one === undefined || limit.action === 'warn') continue;
      one.phase = 'stopping';
      one.left = random.between(0, 3);
      one.isForGood = limit.action === 'stop';
    }
  }
  return { violations: oracle.violations, counts };
}

const born = (name: string, process: string): Living => ({
  ...{ name, process, run: 1, phase: 'unsettled', left: 1, isForGood: false },
  used: { memory: 0, cpu: 0, processes: 1 },
});

function limitsBy(random: Random): readonly Limits.WatchedLimit[] {
  return WATCHED.filter(() => random.chance(0.6)).map((kind) => ({
    kind,
    max: random.pick([MAX, MAX, MAX / 2]),
    forMs: random.pick([0, 2000, 3000, 10_000]),
    action: random.pick(['warn', 'restart', 'stop'] as const),
  }));
}

/** What happens to it between two looks. */
function live(one: Living, random: Random): void {
  for (const kind of WATCHED) {
    const way = random.between(0, 9);
    if (way < 2) one.used[kind] = MAX * random.pick([0.3, 0.5, 0.9, 0.95, 1, 1.01, 2]);
  }
  if (one.phase === 'settled' && random.chance(0.02)) {
    one.phase = 'away';
    one.left = random.between(0, 3);
  }
  if (one.phase === 'down' && random.chance(0.1)) start(one, random);
  if (one.phase === 'settled' || one.phase === 'down') return;
  one.left -= 1;
  if (one.left >= 0) return;
  if (one.phase === 'unsettled') one.phase = 'settled';
  else if (one.phase === 'away') start(one, random);
  else if (one.isForGood || random.chance(0.1)) one.phase = 'down';
  else {
    one.phase = 'away';
    one.left = random.between(0, 2);
  }
}

function start(one: Living, random: Random): void {
  one.run += 1;
  one.phase = 'unsettled';
  one.left = random.between(0, 2);
  one.isForGood = false;
}

function lookOf(one: Living, limits: readonly Limits.WatchedLimit[], random: Random): Look {
  const { name, process, run, phase } = one;
  // A stop may begin after the look that has decided it.
  const isStoppingUnseen = phase === 'stopping' && random.chance(0.3);
  const standing =
    phase === 'settled' || isStoppingUnseen ? 'settled' : phase === 'down' ? 'down' : 'unsettled';
  const isAlive = phase === 'settled' || phase === 'unsettled' || phase === 'stopping';
  const used: Used = {
    memory: random.chance(0.05) ? null : one.used.memory,
    cpu: random.chance(0.05) ? null : one.used.cpu,
    processes: one.used.processes,
  };
  return { name, process, run, standing, limits, used: isAlive ? used : undefined };
}
