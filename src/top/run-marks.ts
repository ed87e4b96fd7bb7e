/**
 * Puts marks of where runs end and begin among the lines. Events and lines come in two streams, so that a mark may
 * arrive before lines that are older, or after lines that are newer: times decide.
 */
import type { LogLine } from './model.ts';

export function withAdded(before: readonly LogLine[], added: readonly LogLine[]): readonly LogLine[] {
  const lines = added.filter(({ mark }) => mark === undefined);
  const kept = undisturbedLength(before, lines[0]);
  const rest = before.slice(kept);
  const late = [...rest, ...added].filter(({ mark }) => mark !== undefined);
  if (late.length === 0) return [...before, ...added];
  const all = [...before.slice(0, kept), ...rest.filter(({ mark }) => mark === undefined), ...lines];
  for (const one of late) all.splice(placeOf(one, all), 0, one);
  return all;
}

/** How much of `before` cannot have a mark that belongs behind `first`. */
function undisturbedLength(before: readonly LogLine[], first: LogLine | undefined): number {
  if (first?.time === undefined) return before.length;
  let kept = before.length;
  for (let index = before.length - 1; index >= 0; index--) {
    const { time, mark } = before[index] ?? {};
    if (time === undefined || time < first.time) break;
    if (mark !== undefined) kept = index;
  }
  return kept;
}

/** A run ends after what was printed at that time, and begins before it. ISO times have the order of their text. */
function placeOf({ time = '', mark }: LogLine, all: readonly LogLine[]): number {
  let place = all.length;
  for (; place > 0; place--) {
    const other = all[place - 1] ?? {};
    if (other.time === undefined || other.time < time) break;
    if (other.time === time && (mark?.of === 'end' || other.mark !== undefined)) break;
  }
  return place;
}
