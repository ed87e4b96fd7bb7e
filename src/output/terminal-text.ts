/**
 * What children print, made harmless for a terminal: of all control characters and sequences only TAB, LF and the
 * colours (`ESC [ digits ; : m`) are left, so that no child can move the cursor over another's lines, change the
 * title, or make the terminal answer. A return (a progress bar) becomes one space, and nothing before a newline.
 *
 * Works on latin1 strings, where one character is one byte. No sequence reaches over a newline. A C1 control is dealt
 * with in its UTF-8 form (C2 80 ... C2 9F); a raw byte of that range is no valid UTF-8 and is left alone, as a UTF-8
 * terminal shows a replacement character for it, while the same bytes are a lawful part of other characters. Bytes
 * that only a careless decoder would take for a control (C0, C1, a C2 without its second byte) are removed.
 */

const UNSAFE = new RegExp(
  [
    // CSI with its parameters, unless it is a colour.
    String.raw`(?:\x1b\[(?![\d;:]*m)|\xc2\x9b)[\x20-\x3f]*[\x40-\x7e]?`,
    // OSC, DCS, SOS, PM, APC with all they say, up to ST, BEL, CAN, SUB, another ESC or the line's end.
    String.raw`(?:\x1b[\]PX^_]|\xc2[\x90\x98\x9d-\x9f])(?:(?!\xc2\x9c)[^\x07\x18\x1a\x1b\n])*(?:\x07|\x18|\x1a|\x1b\\|\xc2\x9c)?`,
    // Any other escape sequence.
    String.raw`\x1b(?!\[)[\x20-\x2f]*[\x30-\x7e]?`,
    // What is left of C1, what could become C1 once something between its bytes is removed, C0 and DEL.
    String.raw`\xc2(?![\xa0-\xbf])[\x80-\x9f]?`,
    String.raw`[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\xc0\xc1]`,
    String.raw`\r+(?=\n|$)`,
  ].join('|'),
  'g',
);

/** `text` as a latin1 string of bytes; the very same string where there is nothing to clean. */
export function harmless(text: string): string {
  return text.replace(UNSAFE, '').replace(/\r+/g, ' ');
}
