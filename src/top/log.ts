/** The log of `top`: following, paused, scrolled back. */
import type { LogLine, TopLog, TopModel } from './model.ts';
import { withAdded } from './run-marks.ts';
import { topLayout } from './view.ts';

/** Number of lines kept, and of their UTF-16 units in all. */
export const MOST_LOG_LINES = 5000;
const MOST_UNITS = 4 * 1024 * 1024;

/** Number of UTF-16 units kept of a line: more than any screen shows. */
const LONGEST_TEXT = 4096;

/** `skipped` lines before `lines` are only counted. Where nothing is shown yet, there is nothing to stand still. */
export function addLogLines(log: TopLog, lines: readonly LogLine[], skipped: number): TopLog {
  const added = lines.map(shortened);
  if (log.paused === undefined || log.lines.length === 0)
    return { ...log, lines: newest(withAdded(log.lines, added)) };
  const count = log.paused.count + skipped + lines.length;
  return { ...log, paused: { lines: newest(withAdded(log.paused.lines, added)), count } };
}

export function emptyLog(log: TopLog): TopLog {
  return { ...log, lines: [], paused: undefined, scroll: 0 };
}

export function pausedLog(log: TopLog): TopLog {
  return log.paused === undefined ? { ...log, paused: { lines: [], count: 0 } } : log;
}

/** With the lines since the pause, and still paused; the lowest line shown remains, if it is still kept. */
export function joinedLog(log: TopLog): TopLog {
  if (log.paused === undefined) return log;
  const lines = newest([...log.lines, ...log.paused.lines]);
  const scroll = Math.min(lines.length, log.scroll + log.paused.lines.length);
  return { ...log, lines, paused: { lines: [], count: 0 }, scroll };
}

export function followingLog(log: TopLog): TopLog {
  return { ...joinedLog(log), paused: undefined, scroll: 0 };
}

export const togglePause = (log: TopLog): TopLog =>
  log.paused === undefined ? pausedLog(log) : followingLog(log);

/** Scrolls back by `by` lines (forward, if negative). Scrolling back pauses; going on at the lower end follows again. */
export function scrollLog(model: TopModel, by: number): TopLog {
  const { log } = model;
  if (by < 0 && log.scroll === 0) return followingLog(log);
  const scroll = Math.min(furthestScroll(model), Math.max(0, log.scroll + by));
  return scroll === log.scroll ? log : { ...pausedLog(log), scroll };
}

/** Scrolls as little as needed to show the line at `index`; in the middle, if it is out of sight. */
export function showLogLine(model: TopModel, index: number): TopLog {
  const { log } = model;
  const height = logHeight(model);
  const lowest = log.lines.length - 1 - log.scroll;
  const isShown = log.wrap ? index === lowest : index <= lowest && index > lowest - height;
  if (isShown) return log;
  // The height of wrapped lines is not known here: the last one shown is always seen.
  const below = log.wrap ? 0 : Math.floor(height / 2);
  const scroll = log.lines.length - 1 - index - below;
  return { ...log, scroll: Math.min(furthestScroll(model), Math.max(0, scroll)) };
}

const furthestScroll = (model: TopModel): number =>
  Math.max(0, model.log.lines.length - (model.log.wrap ? 1 : logHeight(model)));

/** Rows for lines. */
export const logHeight = (model: TopModel): number => Math.max(1, topLayout(model, model.size).log - 1);

function newest(lines: readonly LogLine[]): readonly LogLine[] {
  let [first, units] = [lines.length, 0];
  while (first > 0 && lines.length - first < MOST_LOG_LINES) {
    units += lines[first - 1]?.text?.length ?? 0;
    if (units > MOST_UNITS) break;
    first -= 1;
  }
  return first === 0 ? lines : lines.slice(first);
}

function shortened(line: LogLine): LogLine {
  const { text } = line;
  if (text === undefined || text.length <= LONGEST_TEXT) return line;
  // A slice alone would keep the whole string in memory.
  return { ...line, text: JSON.parse(JSON.stringify(text.slice(0, LONGEST_TEXT))) as string };
}
