import type { Place } from '../core/problem.ts';
import { visibleText } from '../text/terminal-safe.ts';

const COLUMNS = 100;
const COLUMNS_BEFORE = 40;

/** A line of a user's file and the carets below it, both safe to print on a terminal. */
export interface Excerpt {
  readonly line: string;
  readonly carets: string;
}

/** The line of a place, clipped around the place if it is long, with tabs as one column. */
export function excerptOf({ text, column, length }: Place): Excerpt {
  const at = Math.min(Math.max(column - 1, 0), text.length);
  const end = Math.min(at + Math.max(length, 1), Math.max(text.length, at + 1));
  const from = text.length > COLUMNS ? Math.max(0, at - COLUMNS_BEFORE) : 0;
  const to = Math.min(text.length, from + COLUMNS);
  const before = (from > 0 ? '…' : '') + visibleText(text.slice(from, at));
  const rest = visibleText(text.slice(at, to)) + (to < text.length ? '…' : '');
  const marked = visibleText(text.slice(at, Math.min(end, to)));
  return {
    line: before + rest,
    carets: ' '.repeat(widthOf(before)) + '^'.repeat(Math.max(1, widthOf(marked))),
  };
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns on a terminal, precise enough to place a caret. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
