/** The log pane of `top`: a head, and the last lines below it. */
import type { LogLine, TopModel } from './model.ts';
import { cellWidth, cutToCells, wrapCells } from '../text/cell-width.ts';
import { clockText } from './clock-text.ts';
import type { Theme } from '../ui/paint.ts';
import { safeLogText } from './log-text.ts';
import type { Glyphs } from './glyphs.ts';

/** From this width on, each line is shown with its time. */
const TIMES_FROM_COLUMNS = 100;

/** Exactly `rows` lines, the head included. */
export function logPane(
  model: TopModel,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  theme: Theme,
  glyphs: Glyphs,
): readonly string[] {
  if (rows === 0) return [];
  const { lines, wrap } = model.log;
  const height = rows - 1;
  const scroll = Math.max(0, Math.min(model.log.scroll, lines.length - (wrap ? 1 : height)));
  const shown = lines.slice(0, lines.length - scroll);
  const texts: string[] = [];
  for (let index = shown.length - 1; index >= 0 && texts.length < height; index--) {
    texts.unshift(...lineTexts(shown[index] ?? {}, wrap, columns, theme, glyphs));
  }
  const lowest = texts.slice(-height);
  return [head(model, scroll, columns, theme, glyphs), ...lowest, ...blank(height - lowest.length)];
}

function head(model: TopModel, scroll: number, columns: number, theme: Theme, { rule }: Glyphs): string {
  const { selected, log } = model;
  const left = `${rule}${rule} ${selected ?? 'no process'} `;
  const notes = [
    log.paused && `paused (${log.paused.count} new)`,
    scroll > 0 && `${scroll} below`,
    log.wrap && 'wrapped',
  ].filter((note) => typeof note === 'string');
  const right = notes.length === 0 ? '' : ` ${notes.join(', ')} ${rule}`;
  const line = left + rule.repeat(Math.max(0, columns - cellWidth(left) - cellWidth(right))) + right;
  return theme.dim(cutToCells(line, columns));
}

function lineTexts(
  { text, time, missed }: LogLine,
  wrap: boolean,
  columns: number,
  theme: Theme,
  { mark }: Glyphs,
): readonly string[] {
  if (missed !== undefined) return [theme.dim(cutToCells(`(dropped ${missed} lines)`, columns, mark))];
  const prefix = time !== undefined && columns >= TIMES_FROM_COLUMNS ? `${theme.dim(clockText(time))} ` : '';
  const room = columns - cellWidth(prefix);
  const safe = safeLogText(text ?? '');
  const texts = wrap ? wrapCells(safe, room) : [cutToCells(safe, room, mark)];
  const indent = ' '.repeat(cellWidth(prefix));
  return texts.map((one, index) => (index === 0 ? prefix : indent) + one);
}

const blank = (count: number): readonly string[] => Array.from({ length: Math.max(0, count) }, () => '');
