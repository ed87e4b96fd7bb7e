/**
 * Text from elsewhere, made safe for a terminal. There are two ways. `safeBytes` and `safeLine` take out of a program's
 * output what a terminal would act on: only TAB, LF and colours (`ESC [ digits ; : m`) are left, so that no program can
 * move the cursor over another's lines, change the title, or make the terminal answer. `plainBytes` and `plainLine` take
 * out the colours as well. `visibleText` shows each control character by a picture of it, in text of which the reader
 * wants to see all.
 *
 * Removing is done by one scanner, in time proportional to the length of the text, whatever the text is: a program's
 * output must not be able to hold the supervisor up. So each step begins where the last one ended, and looks only at
 * what it passes over and at the parameters of one sequence. (A regular expression with a repetition before a condition,
 * as `\r+(?=\n)`, does more: it goes through the repetition anew from each place in it.)
 *
 * In both forms no sequence reaches over a newline. Of a line that was written again after carriage returns (a progress
 * bar) the last state is left that shows anything.
 */

/** Where C1 controls are in a text, and what else is removed from it. */
interface Encoding {
  /** What the scanner stops at: carriage returns, and every character that begins something unsafe. */
  readonly unsafe: RegExp;
  /** The control (0x80 to 0x9f) at `at`, or 0. */
  readonly c1At: (text: string, at: number) => number;
  /** Characters of one C1 control. */
  readonly c1Length: number;
}

const [BEL, LF, CR, CAN, SUB, ESC, BRACKET, BACKSLASH] = [0x07, 0x0a, 0x0d, 0x18, 0x1a, 0x1b, 0x5b, 0x5c];
const [C1_CSI, C1_ST] = [0x9b, 0x9c];
/** DCS, SOS, OSC, PM and APC have text behind them, up to a terminator. By their second character and as C1. */
const STRINGS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f, 0x90, 0x98, 0x9d, 0x9e, 0x9f]);
const C1_LEAD = 0xc2;

/**
 * UTF-8 as a latin1 string, one character for a byte. A raw byte of 80 to 9F is left alone: it is part of other
 * characters, and by itself a UTF-8 terminal shows a replacement character. Removed are bytes that only a careless
 * decoder would take for a control (C0, C1), and a C2 without its second byte, which could become a C1 control once
 * something between the two is removed.
 */
const BYTES: Encoding = {
  unsafe: /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f\xc0\xc1]|\x1b(?!\[[\d;:]*m)|\xc2(?![\xa0-\xbf])/g,
  c1At(text, at) {
    if (text.charCodeAt(at) !== C1_LEAD) return 0;
    const second = text.charCodeAt(at + 1);
    return second >= 0x80 && second <= 0x9f ? second : 0;
  },
  c1Length: 2,
};

/** Decoded text of one line: what breaks lines and what turns the direction of text around is removed as well. */
const DECODED: Encoding = {
  unsafe:
    /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\x1b(?!\[[\d;:]*m)/g,
  c1At(text, at) {
    const code = text.charCodeAt(at);
    return code >= 0x80 && code <= 0x9f ? code : 0;
  },
  c1Length: 1,
};

const withoutColours = (encoding: Encoding): Encoding => ({
  ...encoding,
  unsafe: new RegExp(encoding.unsafe.source.replace(COLOURS, ''), 'g'),
});

const COLOURS = String.raw`(?!\[[\d;:]*m)`;
const PLAIN_BYTES = withoutColours(BYTES);
const PLAIN_DECODED = withoutColours(DECODED);

/** UTF-8 as a latin1 string, which is never longer afterwards; the very same string where there is nothing to remove. */
export function safeBytes(latin1: string): string {
  return withoutUnsafe(latin1, BYTES);
}

/** The same without colours. */
export function plainBytes(latin1: string): string {
  return withoutUnsafe(latin1, PLAIN_BYTES);
}

/** Without colours, and else as it is. */
export function colourless(text: string): string {
  return text.replace(/\x1b\[[\d;:]*m/g, '');
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Decoded text, as one line; halves of characters become U+FFFD. */
export function safeLine(text: string): string {
  return withoutUnsafe(text, DECODED).replace(LONE_SURROGATE, '\ufffd');
}

/** The same without colours. */
export function plainLine(text: string): string {
  return withoutUnsafe(text, PLAIN_DECODED).replace(LONE_SURROGATE, '\ufffd');
}

const INVISIBLE =
  /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Control characters become their visible pictures (ESC is ␛), tabs a space, and what would reorder, hide or
 * break the text a `�`. The result has as many UTF-16 units as `text`.
 */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (one) => {
    if (one === '\t') return ' ';
    if (one === '\x7f') return '␡';
    return one < ' ' ? String.fromCharCode(0x2400 + one.charCodeAt(0)) : '\ufffd';
  });
}

function withoutUnsafe(text: string, encoding: Encoding): string {
  const { unsafe } = encoding;
  const lines = createLines();
  /** All before has been added to the lines, or is removed. */
  let done = 0;
  for (;;) {
    unsafe.lastIndex = done;
    if (!unsafe.test(text)) break;
    const at = unsafe.lastIndex - 1;
    if (done < at) lines.add(text.slice(done, at));
    if (text.charCodeAt(at) === CR) {
      done = passOver(text, at, CR, CR);
      if (done < text.length && text.charCodeAt(done) !== LF) lines.startAgain();
    } else {
      done = unsafeEnd(text, at, encoding);
    }
  }
  return done === 0 ? text : lines.finish(text.slice(done));
}

const SHOWS_NOTHING = /^(?:\x1b\[[\d;:]*m)*$/;

/** Lines put together from pieces. Each piece is searched for newlines once, however often a line starts again. */
function createLines() {
  let whole = '';
  /** The last state of the open line, and the one before that showed something, if it was started again. */
  let state = '';
  let previous: string | undefined;

  const lastState = (): string => (previous !== undefined && SHOWS_NOTHING.test(state) ? previous : state);

  const add = (piece: string): void => {
    const end = piece.lastIndexOf('\n') + 1;
    if (end === 0) {
      state += piece;
      return;
    }
    const first = piece.indexOf('\n');
    state += piece.slice(0, first);
    whole += lastState() + piece.slice(first, end);
    state = piece.slice(end);
    previous = undefined;
  };

  return {
    add,
    startAgain() {
      previous = lastState();
      state = '';
    },
    finish(rest: string): string {
      add(rest);
      return whole + lastState();
    },
  };
}

function unsafeEnd(text: string, at: number, encoding: Encoding): number {
  if (text.charCodeAt(at) === ESC) return escapeEnd(text, at, encoding);
  const c1 = encoding.c1At(text, at);
  if (c1 === 0) return at + 1;
  const after = at + encoding.c1Length;
  if (c1 === C1_CSI) return csiEnd(text, after);
  return STRINGS.has(c1) ? stringEnd(text, after, encoding) : after;
}

function escapeEnd(text: string, at: number, encoding: Encoding): number {
  const kind = text.charCodeAt(at + 1);
  if (kind === BRACKET) return csiEnd(text, at + 2);
  if (STRINGS.has(kind) && kind < 0x80) return stringEnd(text, at + 2, encoding);
  const last = passOver(text, at + 1, 0x20, 0x2f);
  return isWithin(text.charCodeAt(last), 0x30, 0x7e) ? last + 1 : last;
}

function csiEnd(text: string, from: number): number {
  const last = passOver(text, from, 0x20, 0x3f);
  return isWithin(text.charCodeAt(last), 0x40, 0x7e) ? last + 1 : last;
}

/** Up to ST, BEL, CAN or SUB, and that as well, or to another ESC or the end of the line. */
function stringEnd(text: string, from: number, { c1At, c1Length }: Encoding): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LF) return at;
    if (code === BEL || code === CAN || code === SUB) return at + 1;
    if (code === ESC) return text.charCodeAt(at + 1) === BACKSLASH ? at + 2 : at;
    if (c1At(text, at) === C1_ST) return at + c1Length;
  }
  return text.length;
}

function passOver(text: string, from: number, lowest: number, highest: number): number {
  let at = from;
  while (isWithin(text.charCodeAt(at), lowest, highest)) at += 1;
  return at;
}

/** False for NaN, which is what is behind the end of a text. */
const isWithin = (code: number, lowest: number, highest: number): boolean =>
  code >= lowest && code <= highest;
