/** The log of `top`: following, paused, scrolled back. */
import type { LogLine, TopLog, TopModel } from './model.ts';
import { topLayout } from './view.ts';

/** Number of lines kept of the selected process. */
export const MOST_LOG_LINES = 500;

/** Number of UTF-16 units kept of a line: more than any screen shows. */
const LONGEST_TEXT = 4096;

/** `skipped` lines before `lines` are only counted. */
export function addLogLines(log: TopLog, lines: readonly LogLine[], skipped: number): TopLog {
  const added = lines.map(shortened);
  if (log.paused === undefined) return { ...log, lines: newest([...log.lines, ...added]) };
  const count = log.paused.count + skipped + lines.length;
  return { ...log, paused: { lines: newest([...log.paused.lines, ...added]), count } };
}

export function emptyLog(log: TopLog): TopLog {
  return { ...log, lines: [], paused: undefined, scroll: 0 };
}

export function togglePause(log: TopLog): TopLog {
  if (log.paused === undefined) return { ...log, paused: { lines: [], count: 0 } };
  return { ...log, lines: newest([...log.lines, ...log.paused.lines]), paused: undefined, scroll: 0 };
}

/** Scrolls back by `by` lines (forward, if negative). Scrolling pauses the log. */
export function scrollLog(model: TopModel, by: number): TopLog {
  const { log } = model;
  const shown = log.wrap ? 1 : Math.max(1, topLayout(model, model.size).log - 1);
  const furthest = Math.max(0, log.lines.length - shown);
  const scroll = Math.min(furthest, Math.max(0, log.scroll + by));
  if (scroll === log.scroll) return log;
  return { ...log, scroll, paused: log.paused ?? { lines: [], count: 0 } };
}

const newest = (lines: readonly LogLine[]): readonly LogLine[] => lines.slice(-MOST_LOG_LINES);

function shortened(line: LogLine): LogLine {
  const { text } = line;
  return text === undefined || text.length <= LONGEST_TEXT
    ? line
    : { ...line, text: text.slice(0, LONGEST_TEXT) };
}
