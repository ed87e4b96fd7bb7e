/**
 * Measures and fits text for a terminal. Colors (`ESC [ ... m`) have no width. Each character is measured alone, as most
 * terminals do. Where terminals disagree (an emoji made of several characters), the larger width is used, so that text
 * is never wider than measured.
 */

// East Asian wide characters; Unicode has a property for emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const FLAG_LETTER = /[\u{1f1e6}-\u{1f1ff}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
/** Selects the emoji form of the character before it, which is wide. */
const AS_EMOJI = '\ufe0f';

const PLAIN = /^[\x20-\x7e]*$/;
const COLOUR_OR_CHARACTER = /\x1b\[[\d;:]*m|[^]/gu;

/** The width of `text` in cells. It must contain no control characters except colors. */
export function cellWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const [token] of text.matchAll(COLOUR_OR_CHARACTER)) width += tokenWidth(token);
  return width;
}

/** `text` if it fits, else its beginning with `mark` at the end. Closes open colors. */
export function cutToCells(text: string, width: number, mark = ''): string {
  if (PLAIN.test(text) && text.length <= width) return text;
  const room = width - cellWidth(mark);
  if (room < 0) return cutToCells(mark, width);
  let [used, fitting, isColoured] = [0, 0, false];
  for (const { 0: token, index } of text.matchAll(COLOUR_OR_CHARACTER)) {
    used += tokenWidth(token);
    if (used > width) return text.slice(0, fitting) + (isColoured ? RESET : '') + mark;
    if (used > room) continue;
    fitting = index + token.length;
    isColoured ||= token.startsWith('\x1b');
  }
  return text;
}

/** Pieces of at most `width` cells (at least 2), each with its own colors opened and closed; [''] for ''. */
export function wrapCells(text: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let [piece, used, colours] = ['', 0, ''];
  const end = (): void => void pieces.push(piece.includes('\x1b') ? piece + RESET : piece);
  for (const [token] of text.matchAll(COLOUR_OR_CHARACTER)) {
    const cells = tokenWidth(token);
    if (used + cells > width) {
      end();
      [piece, used] = [colours, 0];
    }
    piece += token;
    used += cells;
    if (token.startsWith('\x1b')) colours = coloursAfter(colours, token);
  }
  end();
  return pieces;
}

export function padToCells(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - cellWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

const RESET = '\x1b[0m';
const LONGEST_COLOURS = 64;

function coloursAfter(before: string, colour: string): string {
  if (/^\x1b\[0*m$/.test(colour)) return '';
  const after = before + colour;
  if (after.length <= LONGEST_COLOURS) return after;
  // What each piece begins with must be short, however long the one that a program has printed is.
  return colour.length <= LONGEST_COLOURS ? colour : before;
}

function tokenWidth(token: string): number {
  const code = token.charCodeAt(0);
  if (code >= 0x20 && code < 0x7f) return 1;
  if (token.length > 1 && code === 0x1b) return 0;
  // Added to the cell of the character itself, which makes it wide.
  if (token === AS_EMOJI) return 1;
  if (FLAG_LETTER.test(token)) return 1;
  if (NO_WIDTH.test(token)) return 0;
  return WIDE.test(token) ? 2 : 1;
}
