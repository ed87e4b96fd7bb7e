/** Shows the matches of a search in a line, in reverse video: without colors as well. */
import { cellWidth, cutToCells } from '../text/cell-width.ts';
import { colourless } from '../text/terminal-safe.ts';

const USUAL = { on: '\x1b[7m', off: '\x1b[27m' };
const CURRENT = { on: '\x1b[1;4;7m', off: '\x1b[22;24;27m' };

const COLOUR = /\x1b\[[\d;:]*m/y;

/** `text` may have colors, which do not part a match. */
export function highlighted(text: string, matcher: RegExp, isCurrent: boolean): string {
  const { on, off } = isCurrent ? CURRENT : USUAL;
  const spans = [...colourless(text).matchAll(matcher)].map(({ 0: found, index }) => ({
    ...{ start: index, end: index + found.length },
  }));
  if (spans.length === 0) return text;
  let result = '';
  let [at, plainAt, next] = [0, 0, 0];
  while (at < text.length) {
    const span = spans[next];
    const isInside = span !== undefined && plainAt > span.start;
    COLOUR.lastIndex = at;
    const colour = COLOUR.exec(text)?.[0];
    if (colour !== undefined) {
      result += isInside ? colour + on : colour;
      at += colour.length;
      continue;
    }
    if (plainAt === span?.start) result += on;
    result += text[at] ?? '';
    at += 1;
    plainAt += 1;
    if (plainAt === span?.end) {
      result += off;
      next += 1;
    }
  }
  return result;
}

/** How much is shown before a match that would be out of sight: a share of the width. */
const BEFORE = 1 / 4;

/** Where the first match is beyond `width` cells, the line from a little before it on, without its colors. */
export function fromMatch(text: string, matcher: RegExp, width: number, mark: string): string {
  const plain = colourless(text);
  const index = plain.search(matcher);
  if (index < 0) return text;
  const end = index + (plain.slice(index).match(matcher)?.[0].length ?? 0);
  if (cellWidth(plain.slice(0, end)) < width || cellWidth(plain) <= width) return text;
  const characters = Array.from(plain.slice(0, index));
  const before = characters.slice(-Math.floor(width * BEFORE)).join('');
  return cutToCells(mark, width) + before + plain.slice(index);
}
