import type { Place } from '../core/problem.ts';

/** The place of `length` UTF-16 units from `at` on, cut at the end of the line. */
export type PlaceAt = (at: number, length: number) => Place;

/** Without their line endings, as places have them. */
export const textLines = (text: string): readonly string[] =>
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, ''));

/** Finds places in the text of a file by binary search: there may be thousands. */
export function linePlaces(file: string, text: string): PlaceAt {
  const lines = text.split('\n');
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);

  return (at, length) => {
    const index = lineOf(starts, at);
    const line = (lines[index] ?? '').replace(/\r$/, '');
    const before = Math.min(at - (starts[index] ?? 0), line.length);
    const most = Math.max(1, line.trimEnd().length - before);
    return {
      file,
      line: index + 1,
      column: before + 1,
      length: Math.max(1, Math.min(length, most)),
      text: line,
    };
  };
}

/** The last line start that is not after `at`. The last entry of `starts` is no line start. */
function lineOf(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? Infinity) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
