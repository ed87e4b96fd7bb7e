/**
 * Cuts what a program writes to a terminal into text, control characters and escape sequences. Sequences may arrive in
 * pieces; those that never end are dropped at a limit, so that a program cannot make us keep its output.
 */

/** `source` is the token as it was written. */
export type Token = { readonly source: string } & (
  | { readonly type: 'text' }
  /** Whole lines of text and tabs, each with its newline: most of what is written, and much quicker in one piece. */
  | { readonly type: 'lines' }
  /** A C0 control character, or DEL. */
  | { readonly type: 'control' }
  /** `ESC [ ? 25 h`: parameters `?25`, final `h`. */
  | { readonly type: 'csi'; readonly parameters: string; readonly final: string }
  /** Any other escape sequence: `c` for RIS, `=`, `(B`. */
  | { readonly type: 'escape'; readonly final: string }
  /** A string: title, hyperlink, colour query. */
  | { readonly type: 'string' }
);

export interface Scanner {
  /** The tokens that end with this text. */
  scan(text: string): readonly Token[];
  /** It has no part of a token. */
  readonly isIdle: boolean;
}

const MOST_UNFINISHED = 4096;

const LINES = /(?:[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]*\r?\n)+/y;
const TEXT = /[^\u0000-\u001f\u007f-\u009f]+/y;
const CONTROL = /[\u0000-\u001a\u001c-\u001f\u007f]/y;
const CSI = /\u001b\[([0-?]*)[ -/]*([@-~])/y;
const STRING = /\u001b[\]P^_X][^\u0007\u001b]*(?:\u0007|\u001b\\)/y;
const ESCAPE = /\u001b([ -/]*[0-OQ-WYZ\\`-~])/y;
const UNFINISHED = /^\u001b(?:\[[0-?]*[ -/]*|[ -/]*|[\]P^_X][^\u0007\u001b]*\u001b?)$/;

export function createScanner(): Scanner {
  let unfinished = '';

  return {
    get isIdle() {
      return unfinished === '';
    },
    scan(fresh) {
      const text = unfinished + fresh;
      unfinished = '';
      const tokens: Token[] = [];
      for (let at = 0; at < text.length;) {
        const token = tokenAt(text, at);
        if (token !== undefined) {
          tokens.push(token);
          at += token.source.length;
        } else if (text.length - at <= MOST_UNFINISHED && UNFINISHED.test(text.slice(at))) {
          unfinished = text.slice(at);
          break;
        } else {
          at += 1; // A C1 control character, or an escape sequence that is none.
        }
      }
      return tokens;
    },
  };
}

function tokenAt(text: string, at: number): Token | undefined {
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const lines = match(LINES);
  if (lines !== null) return { type: 'lines', source: lines[0] };
  const plain = match(TEXT);
  if (plain !== null) return { type: 'text', source: plain[0] };
  const control = match(CONTROL);
  if (control !== null) return { type: 'control', source: control[0] };
  const csi = match(CSI);
  if (csi !== null) return { type: 'csi', source: csi[0], parameters: csi[1] ?? '', final: csi[2] ?? '' };
  const string = match(STRING);
  if (string !== null) return { type: 'string', source: string[0] };
  const escape = match(ESCAPE);
  return escape === null ? undefined : { type: 'escape', source: escape[0], final: escape[1] ?? '' };
}

/** `12;5` is 12; nothing, or 0, is `usual`. */
export function firstNumber(parameters: string, usual: number): number {
  const number = Number.parseInt(parameters, 10);
  return Number.isNaN(number) || number === 0 ? usual : number;
}
