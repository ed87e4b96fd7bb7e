import type { Place } from '../core/problem.ts';

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
  const before = (from > 0 ? '…' : '') + harmless(text.slice(from, at));
  const rest = harmless(text.slice(at, to)) + (to < text.length ? '…' : '');
  const marked = harmless(text.slice(at, Math.min(end, to)));
  return {
    line: before + rest,
    carets: ' '.repeat(widthOf(before)) + '^'.repeat(Math.max(1, widthOf(marked))),
  };
}

/**
 * Control characters become their visible pictures (ESC is ␛), tabs a space, and what would reorder, hide or
 * break the text a `�`. The result has as many UTF-16 units as `text`.
 */
export function harmless(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replace(/[\0-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replaceAll('\x7f', '␡')
    .replace(/[\x80-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '�')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '�');
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
