/** The view of `top` of what processes exchange: queues, locks, shared memory. */
import { cutToCells } from '../text/cell-width.ts';
import { exchangeTables } from '../ui/exchange-tables.ts';
import { plainTheme, type Theme } from '../ui/paint.ts';
import type { TopModel, TopSize, TopStep } from './model.ts';
import { only, says } from './step-result.ts';

/** Title and last line. */
const OTHER_ROWS = 2;

export function openExchange(model: TopModel): TopStep {
  if (model.held.things.length === 0) return only(says(model, 'no queues, locks or shared memory'));
  return {
    model: { ...model, mode: { type: 'exchange', first: 0 }, status: undefined },
    effects: [{ type: 'ask-held' }],
  };
}

export function pressInExchange(
  model: TopModel,
  { first }: Extract<TopModel['mode'], { type: 'exchange' }>,
  key: string,
): TopModel {
  const by = MOVES[key]?.(model.size.rows - OTHER_ROWS);
  if (by === undefined) return LEAVING.has(key) ? { ...model, mode: { type: 'table' } } : model;
  return { ...model, mode: { type: 'exchange', first: within(model, first + by) } };
}

/** With what there is by now: of less, the last lines are shown. */
export function withHeld(model: TopModel, held: TopModel['held']): TopModel {
  const changed = { ...model, held };
  if (changed.mode.type !== 'exchange') return changed;
  return { ...changed, mode: { type: 'exchange', first: within(changed, changed.mode.first) } };
}

/** Exactly `rows` lines. */
export function exchangeView(
  model: TopModel,
  first: number,
  { columns, rows }: TopSize,
  theme: Theme,
): readonly string[] {
  const lines = bodyOf(model, theme, columns);
  return Array.from({ length: rows }, (_, row) => cutToCells(lines[first + row] ?? '', columns));
}

const MOVES: Readonly<Record<string, (page: number) => number>> = {
  ...{ up: () => -1, k: () => -1, down: () => 1, j: () => 1 },
  ...{ 'page-up': (page) => -page, 'page-down': (page) => page },
  ...{ home: () => -Infinity, g: () => -Infinity, end: () => Infinity, G: () => Infinity },
};
const LEAVING: ReadonlySet<string> = new Set(['escape', 'q', 'e', 'enter']);

function within(model: TopModel, first: number): number {
  const most = bodyOf(model, plainTheme, model.size.columns).length - (model.size.rows - OTHER_ROWS);
  return Math.max(0, Math.min(first, most));
}

/** A blank line between the kinds. */
function bodyOf({ held }: TopModel, theme: Theme, columns: number): readonly string[] {
  const sections = exchangeTables(held.things, theme, columns - 1);
  const lines = sections.flatMap((section, index) => [
    ...(index === 0 ? [] : ['']),
    ...section.map((line) => ` ${line}`),
  ]);
  if (sections.length === 0) return [' nothing is left'];
  return held.isCut ? [...lines, '', " there is more: see 'procsup ps --all'"] : lines;
}
