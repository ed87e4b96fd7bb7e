/** How names are shown: their colors, and how much of the width they may take. */
import type { Theme } from '../ui/paint.ts';
import type { TopModel } from './model.ts';

/** By instance; as in the output of `start`, a process has the color of its line in the Procfile. */
export function processColours(
  { instances }: TopModel,
  theme: Theme,
): ReadonlyMap<string, (text: string) => string> {
  const processes = [...new Set(instances.map(({ process }) => process))];
  const indices = new Map(processes.map((process, index) => [process, index]));
  return new Map(instances.map(({ name, process }) => [name, theme.process(indices.get(process) ?? 0)]));
}

/** A quarter of the width; a longer name is cut. */
export const nameLimit = (columns: number): number => Math.floor(columns / 4);
