/** The history that `top` draws: the supervisor's, and all messages since. */
import type { InstanceSnapshot } from '../core/snapshot.ts';
import { cpuScale, memoryScale } from '../text/sparkline.ts';
import type { StatsMessage, TopHistory, TopModel, TopScale } from './model.ts';

/** Ten minutes at one per second. */
const MOST_SAMPLES = 600;

/** A message this much later than the last one leaves a gap in the history. */
const GAP_FROM_MS = 2500;

type Samples = readonly (number | null)[];

/** Drops the history of removed instances. */
export function withSamples(model: TopModel, message: StatsMessage, nowMs: number): TopModel['history'] {
  const silentMs = model.time === '' ? 0 : nowMs - model.heardMs;
  const gap = silentMs < GAP_FROM_MS ? 0 : Math.min(MOST_SAMPLES, Math.round(silentMs / 1000) - 1);
  const entries = message.processes.map((instance): [string, TopHistory] => {
    const given = message.history?.[instance.name];
    return [instance.name, given ?? grown(model.history[instance.name], instance, gap)];
  });
  return Object.fromEntries(entries);
}

/** As many samples as the widest graph of the table has. */
export const RECENT_SAMPLES = 60;

export function scaleOf(history: TopModel['history']): TopModel['scale'] {
  const all = Object.values(history);
  return { recent: scaleOver(all, RECENT_SAMPLES), whole: scaleOver(all, MOST_SAMPLES) };
}

function scaleOver(all: readonly TopHistory[], samples: number): TopScale {
  return {
    cpu: Math.max(...all.map(({ cpu }) => cpuScale(cpu.slice(-samples))), cpuScale([])),
    memory: Math.max(...all.map(({ memory }) => memoryScale(memory.slice(-samples))), 0),
  };
}

function grown(before: TopHistory | undefined, { cpu, memory }: InstanceSnapshot, gap: number): TopHistory {
  return { cpu: append(before?.cpu, gap, cpu), memory: append(before?.memory, gap, memory) };
}

function append(samples: Samples | undefined, gap: number, sample: number | null): Samples {
  if (samples === undefined) return [sample];
  const silence = Array.from({ length: gap }, () => null);
  return [...samples, ...silence, sample].slice(-MOST_SAMPLES);
}
