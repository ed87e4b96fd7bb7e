/**
 * A line of a program's output, made safe to be put anywhere on the screen: of all control characters and sequences
 * only colours are left, closed at the end. The twin of `output/terminal-text.ts` for decoded text.
 */
import { cellWidth } from '../ui/cell-width.ts';

const UNSAFE = new RegExp(
  [
    // CSI with its parameters, unless it is a colour.
    String.raw`(?:\x1b\[(?![\d;:]*m)|\x9b)[\x20-\x3f]*[\x40-\x7e]?`,
    // OSC, DCS, SOS, PM, APC with all they say.
    String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x9c]*(?:\x07|\x18|\x1a|\x1b\\|\x9c)?`,
    // Any other escape sequence, and the controls that are left; a tab and a return are dealt with below.
    String.raw`\x1b(?!\[)[\x20-\x2f]*[\x30-\x7e]?`,
    String.raw`[\x00-\x08\x0a-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]`,
    String.raw`\r+$`,
    // What turns the direction of text around, and what breaks lines.
    String.raw`[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]`,
  ].join('|'),
  'g',
);
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PLAIN = /^[\x20-\x7e]*$/;
const TAB_STOP = 8;

export function safeLogText(text: string): string {
  if (PLAIN.test(text)) return text;
  const safe = text.replace(UNSAFE, '').replace(/\r+/g, ' ').replace(LONE_SURROGATE, '\ufffd');
  const flat = safe.includes('\t') ? withoutTabs(safe) : safe;
  return flat.includes('\x1b') ? `${flat}\x1b[0m` : flat;
}

function withoutTabs(text: string): string {
  let line = '';
  for (const [index, piece] of text.split('\t').entries()) {
    if (index > 0) line += ' '.repeat(TAB_STOP - (cellWidth(line) % TAB_STOP));
    line += piece;
  }
  return line;
}
