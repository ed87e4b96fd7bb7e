/** The selection stays with its process; the log follows the selection. */
import { emptyLog } from './log.ts';
import { ALL_OUTPUT, type TopModel, type TopStep } from './model.ts';
import { following } from './search.ts';
import { visibleInstances } from './view.ts';

/** `after` with a visible selection: the same process, or the nearest row to its position in `before`. */
export function reselected(before: TopModel, after: TopModel): TopStep {
  const names = visibleNames(after);
  if (after.selected !== undefined && names.includes(after.selected)) return { model: after, effects: [] };
  const index = Math.max(0, selectedIndex(before));
  return select(after, names[Math.min(index, names.length - 1)]);
}

/** Moves the selection by a number of rows, within the table. */
export function moveSelection(model: TopModel, by: number): TopStep {
  const names = visibleNames(model);
  const index = Math.max(0, Math.min(names.length - 1, selectedIndex(model) + by));
  return select(model, names[index]);
}

/** Index of the selected process among the visible ones, or -1. */
export function selectedIndex(model: TopModel): number {
  return visibleInstances(model).findIndex(({ name }) => name === model.selected);
}

/** The log to follow; none while the log is hidden. */
export function logSource({ selected, log }: TopModel): string | undefined {
  if (log.size === 'off' && !log.isFull) return undefined;
  return log.isAll ? ALL_OUTPUT : selected;
}

/** `after` with the log that it is to show; emptied, if that is another one than before. */
export function refollowed(before: TopModel, after: TopModel): TopStep {
  const source = logSource(after);
  if (source === logSource(before)) return { model: after, effects: [] };
  const emptied = { ...after, log: emptyLog(after.log), search: following(after.search) };
  return { model: emptied, effects: [{ type: 'follow-logs', source }] };
}

function select(model: TopModel, name: string | undefined): TopStep {
  if (name === model.selected) return { model, effects: [] };
  return refollowed(model, { ...model, selected: name });
}

const visibleNames = (model: TopModel): readonly string[] => visibleInstances(model).map(({ name }) => name);
