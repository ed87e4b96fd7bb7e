/** A line of a program's output, made safe to be put anywhere on the screen: colours are closed at its end. */
import { cellWidth } from '../text/cell-width.ts';
import { safeLine } from '../text/terminal-safe.ts';

const PLAIN = /^[\x20-\x7e]*$/;
const TAB_STOP = 8;

export function safeLogText(text: string): string {
  if (PLAIN.test(text)) return text;
  const safe = safeLine(text);
  const flat = safe.includes('\t') ? withoutTabs(safe) : safe;
  return flat.includes('\x1b') ? `${flat}\x1b[0m` : flat;
}

function withoutTabs(text: string): string {
  let [line, width] = ['', 0];
  for (const [index, piece] of text.split('\t').entries()) {
    const blanks = index > 0 ? TAB_STOP - (width % TAB_STOP) : 0;
    line += ' '.repeat(blanks) + piece;
    width += blanks + cellWidth(piece);
  }
  return line;
}
