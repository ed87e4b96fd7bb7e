/** The search in the output: plain text, case-insensitive unless the pattern has a capital. */
import { colourless } from '../text/terminal-safe.ts';
import { followingLog, joinedLog, pausedLog, showLogLine } from './log.ts';
import { safeLogText } from './log-text.ts';
import type { LogLine, TopLog, TopModel, TopSearch, TopStep } from './model.ts';
import { only, says } from './step-result.ts';

/** Finds all occurrences in a text without colors; undefined for ''. */
export function matcherOf(pattern: string): RegExp | undefined {
  if (pattern === '') return undefined;
  const literal = pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(literal, /\p{Lu}/u.test(pattern) ? 'gu' : 'giu');
}

/** Pauses the log. */
export function beginSearch(model: TopModel): TopModel {
  const { log, search } = model;
  const from = log.lines.length - 1 - log.scroll;
  const wasPaused = search?.wasPaused ?? log.paused !== undefined;
  return {
    ...model,
    mode: { type: 'search' },
    log: pausedLog(log),
    search: { pattern: '', matches: [], at: undefined, from, wasPaused },
    status: undefined,
  };
}

/** Goes to the last match above where the search began, or to the first below. */
export function withPattern(model: TopModel, pattern: string): TopModel {
  const { search, log } = model;
  if (search === undefined) return model;
  const matches = matchesIn(log.lines, pattern);
  const before = matches.findLastIndex((index) => index <= search.from);
  const at = matches.length === 0 ? undefined : Math.max(0, before);
  return shown({ ...model, search: { ...search, pattern, matches, at } }, search.from);
}

/** The next match (-1: the previous one). At the end it goes on with lines that have come since, then at the other end. */
export function nextMatch(model: TopModel, by: 1 | -1): TopStep {
  const { search } = model;
  if (search === undefined) return only(says(model, 'no search: type / and a pattern'));
  const { at, matches } = search;
  if (at === undefined && (matches.length > 0 || model.log.paused === undefined))
    return only(fromLowest(model, search));
  const next = (at ?? -1) + by;
  if (at !== undefined && matches[next] !== undefined)
    return only(shown({ ...model, search: { ...search, at: next } }));
  return only(by > 0 ? amongNewer(model, search) : around(model, search, by));
}

/** The log follows again, unless it was paused before. */
export function endSearch(model: TopModel): TopModel {
  const { search, log } = model;
  const isToFollow = search?.wasPaused !== true;
  return {
    ...model,
    mode: { type: 'table' },
    search: undefined,
    log: isToFollow ? followingLog(log) : log,
  };
}

/** What is left of a search while the log follows. */
export function following(search: TopSearch | undefined): TopSearch | undefined {
  return search && { ...search, matches: [], at: undefined, wasPaused: false };
}

/** With a log that has changed: the matches are those of its lines. */
export function searchedAgain(model: TopModel, log: TopLog): TopModel {
  const { search } = model;
  const changed = { ...model, log };
  if (search === undefined || log.lines === model.log.lines) return changed;
  if (log.paused === undefined) return { ...changed, search: following(search) };
  return withPattern({ ...changed, search: { ...search, from: log.lines.length - 1 } }, search.pattern);
}

/** The line of the current match, as an index of `log.lines`. */
export const currentLine = ({ search }: TopModel): number | undefined => search?.matches[search.at ?? -1];

/** With a log that the user has paused, scrolled or let go on. */
export function withLog(model: TopModel, log: TopLog): TopModel {
  const { search } = model;
  if (search === undefined) return { ...model, log };
  if (log.paused === undefined) return { ...model, log, search: following(search) };
  if (model.log.paused !== undefined) return { ...model, log };
  return { ...model, log, search: { ...search, matches: matchesIn(log.lines, search.pattern) } };
}

/** The match at or above the lowest line shown. */
function fromLowest(model: TopModel, search: TopSearch): TopModel {
  const log = pausedLog(model.log);
  const from = log.lines.length - 1 - log.scroll;
  return withPattern({ ...model, log, search: { ...search, from } }, search.pattern);
}

function amongNewer(model: TopModel, search: TopSearch): TopModel {
  const line = currentLine(model);
  const log = joinedLog(model.log);
  const dropped = model.log.lines.length + (model.log.paused?.lines.length ?? 0) - log.lines.length;
  const matches = matchesIn(log.lines, search.pattern);
  const at = matches.findIndex((index) => index > (line ?? -1) - dropped);
  const joined = { ...model, log };
  if (at < 0) return around(joined, { ...search, matches }, 1);
  return shown({ ...joined, search: { ...search, matches, at } });
}

function around(model: TopModel, search: TopSearch, by: 1 | -1): TopModel {
  const { matches, pattern } = search;
  if (matches.length === 0) return says({ ...model, search }, `'${pattern}' not found`);
  const at = by > 0 ? 0 : matches.length - 1;
  const end = by > 0 ? 'oldest' : 'newest';
  return says(shown({ ...model, search: { ...search, at } }), `search continued at the ${end} line`);
}

/** After a change of the layout: the current match is still to be seen. */
export const keptInSight = (model: TopModel): TopModel => shown(model);

function shown(model: TopModel, otherwise?: number): TopModel {
  const index = currentLine(model) ?? otherwise;
  return index === undefined || index < 0 ? model : { ...model, log: showLogLine(model, index) };
}

function matchesIn(lines: readonly LogLine[], pattern: string): readonly number[] {
  const matcher = matcherOf(pattern);
  if (matcher === undefined) return [];
  return lines.flatMap(({ text = '' }, index) =>
    colourless(safeLogText(text)).search(matcher) < 0 ? [] : [index],
  );
}
