/** The log pane of `top`: a head, and the last lines below it. */
import type { LogLine, TopModel } from './model.ts';
import { cellWidth, cutToCells, padToCells, wrapCells } from '../text/cell-width.ts';
import { visibleText } from '../text/terminal-safe.ts';
import { clockText } from './clock-text.ts';
import type { Theme } from '../ui/paint.ts';
import { fromMatch, highlighted } from './highlight.ts';
import { safeLogText } from './log-text.ts';
import type { Glyphs } from './glyphs.ts';
import { nameLimit, processColours } from './names.ts';
import { currentLine, matcherOf } from './search.ts';

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
  const end = lines.length - scroll;
  const lineTexts = createLineTexts(model, columns, theme, glyphs);
  const texts: string[] = [];
  let first = end;
  while (first > 0 && texts.length < height) {
    first -= 1;
    texts.unshift(...lineTexts(lines[first] ?? {}, first));
  }
  const lowest = texts.slice(-height);
  const head = logHead(model, { above: first, below: scroll }, columns, glyphs);
  return [theme.dim(head), ...lowest, ...blank(height - lowest.length)];
}

function logHead(
  model: TopModel,
  { above, below }: { readonly above: number; readonly below: number },
  columns: number,
  { rule, mark }: Glyphs,
): string {
  const { log } = model;
  const left = `${rule}${rule} ${log.isAll ? 'all output' : visibleText(model.selected ?? 'no process')} `;
  // Those that matter most come first, and remain where there is little room.
  const notes = [
    searchNote(model),
    log.paused && `paused (${log.paused.count} new)`,
    below > 0 && `${below} below`,
    above > 0 && `${above} above`,
    log.wrap && 'wrapped',
  ].filter((note) => typeof note === 'string');
  const textOf = (count: number): string =>
    count === 0 ? '' : ` ${notes.slice(0, count).join(', ')} ${rule}`;
  let count = notes.length;
  while (count > 1 && cellWidth(left + textOf(count)) > columns) count -= 1;
  const right = cutToCells(textOf(count), columns - MARGIN, mark);
  const name = cutToCells(left, columns - cellWidth(right), mark);
  return name + rule.repeat(columns - cellWidth(name) - cellWidth(right)) + right;
}

/** What remains of the name beside a long pattern. */
const MARGIN = 8;

function searchNote({ search, log }: TopModel): string | undefined {
  if (search === undefined || search.pattern === '') return undefined;
  const pattern = `'${visibleText(search.pattern)}'`;
  if (log.paused === undefined) return pattern;
  const count = search.matches.length;
  if (count === 0) return `${pattern} not found`;
  return `${pattern} ${search.at === undefined ? '' : `${search.at + 1}/`}${count}`;
}

/** Returns what draws a line: it has one row, or more if it is wrapped. */
function createLineTexts(model: TopModel, columns: number, theme: Theme, glyphs: Glyphs) {
  const { mark } = glyphs;
  const { wrap, isAll } = model.log;
  const matcher = matcherOf(model.search?.pattern ?? '');
  const current = currentLine(model);
  const prefix = isAll ? namePrefix(model, columns, theme, glyphs) : () => '';

  return ({ text = '', time, name, missed, mark: run }: LogLine, index: number): readonly string[] => {
    if (run !== undefined)
      return [theme.dim(ruleText(`${run.text} at ${clockText(time ?? '')}`, columns, glyphs))];
    if (missed !== undefined) return [theme.dim(cutToCells(`(dropped ${missed} lines)`, columns, mark))];
    const clock = time !== undefined && columns >= TIMES_FROM_COLUMNS ? `${theme.dim(clockText(time))} ` : '';
    const before = clock + prefix(name ?? '');
    const room = columns - cellWidth(before);
    const safe = safeLogText(text);
    const near = matcher === undefined || wrap ? safe : fromMatch(safe, matcher, room, mark);
    const found = matcher === undefined ? near : highlighted(near, matcher, index === current);
    const texts = wrap ? wrapCells(found, room) : [cutToCells(found, room, mark)];
    const indent = ' '.repeat(cellWidth(before));
    return texts.map((one, row) => (row === 0 ? before : indent) + one);
  };
}

function ruleText(text: string, width: number, { rule, mark }: Glyphs): string {
  const line = cutToCells(`${rule}${rule} ${text} `, width, mark);
  return line + rule.repeat(width - cellWidth(line));
}

/** The name before each line of the output of all. */
function namePrefix(model: TopModel, columns: number, theme: Theme, { mark }: Glyphs) {
  const names = ['system', ...model.instances.map(({ name }) => visibleText(name))];
  const width = Math.min(nameLimit(columns), Math.max(...names.map((name) => cellWidth(name))));
  const colours = processColours(model, theme);
  return (name: string): string => {
    const text = padToCells(cutToCells(visibleText(name), width, mark), width);
    const colour = colours.get(name);
    const label = `${text} |`;
    return `${colour === undefined ? theme.system(label) : colour(label)} `;
  };
}

const blank = (count: number): readonly string[] => Array.from({ length: Math.max(0, count) }, () => '');
