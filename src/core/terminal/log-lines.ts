/**
 * What goes into the log of a program on a terminal: its lines, as somebody at the terminal would have read them when
 * they ended. Moves to other rows end a line. Nothing is said while a program draws on the whole screen, or redraws
 * it from the top again and again, as `top` does. Blank lines wait for what follows: some programs, vite among them, scroll
 * the screen away with as many as it has rows, and clear it then.
 */
import { createLine } from './line.ts';
import { copyPlainLines, type PlainCopy } from './plain-lines.ts';
import { firstNumber, type Token } from './scanner.ts';

export interface LogLines {
  /** Returns the lines that end with this token, each with its newline. */
  take(token: Token, nowMs: number): string;
  /** No line has begun, and what is plain (`plain-lines.ts`) goes to the log. */
  isAtStart(nowMs: number): boolean;
  /**
   * As `take` with all tokens of the plain lines with which `bytes` begins. To be called where `isAtStart`. Writes what is to
   * be logged of them to `target` at `at`, where there must be room for all of `bytes` and `MOST_BLANKS`.
   */
  takePlain(bytes: Uint8Array, target: Uint8Array, at: number, result: PlainResult): void;
  /** What waits: blank lines, and the unfinished line, once. The program is silent, it may be a prompt. */
  piece(): string;
  /** Nothing more belongs to the last line. */
  end(): string;
  /** There are blank lines or an unfinished line that were not shown. */
  readonly holds: boolean;
  /** It draws on the whole screen: its output is not logged. */
  readonly isDrawing: boolean;
  resize(columns: number): void;
}

export interface PlainResult {
  /** So many bytes were taken. */
  taken: number;
  /** So many bytes were written. */
  written: number;
  /** What was not taken is the beginning of a plain line. */
  isAll: boolean;
}

const LONGEST_LINE = 64 * 1024;
/** Redraws from the top that follow each other this fast, and so many of them, are no output to be read. */
const REDRAW_MS = 5_000;
const REDRAWS = 4;
/** The program has not redrawn for this long: it writes lines again. */
const CALM_MS = 15_000;
const NEWLINE = 10;
/** More than a screen has rows: these are output. */
export const MOST_BLANKS = 200;

/** The last line of some whole ones is blank: whether it is output is not known yet. */
const ENDS_WITH_BLANK = /(?:^|\n)\r?\n$/;

export function createLogLines(width: number): LogLines {
  let columns = width;
  const line = createLine(() => columns);
  /** What was shown of the line; undefined: nothing. */
  let shown: string | undefined;
  let wasReturned = false;
  let isAlternate = false;
  let redraws = 0;
  let lastHomeMs = -Infinity;
  /** Blank lines that were not given yet. */
  let blanks = 0;
  /** The cursor is where the screen begins. */
  let isAtTop = false;
  const copied: PlainCopy = { taken: 0, end: 0, blanks: 0, isAll: false };

  const takeBlanks = (): string => {
    const text = '\n'.repeat(blanks);
    blanks = 0;
    return text;
  };
  const finish = (): string => {
    const text = line.text();
    line.clear();
    const before = shown;
    shown = undefined;
    if (before === undefined && text === '') return (blanks += 1) > MOST_BLANKS ? takeBlanks() : '';
    if (before === undefined) return `${takeBlanks()}${text}\n`;
    return text.startsWith(before) ? `${text.slice(before.length)}\n` : `\n${text}\n`;
  };
  const finishIfAny = (): string => (line.isEmpty && shown === undefined ? '' : finish());
  const isRedrawing = (nowMs: number): boolean => redraws >= REDRAWS && nowMs - lastHomeMs < CALM_MS;

  const home = (nowMs: number): string => {
    redraws = nowMs - lastHomeMs < REDRAW_MS ? redraws + 1 : 1;
    lastHomeMs = nowMs;
    isAtTop = true;
    return finishIfAny();
  };
  const cleared = (): string => {
    const before = finishIfAny();
    blanks = 0;
    return before;
  };

  const takeCsi = ({ parameters, final }: Extract<Token, { type: 'csi' }>, nowMs: number): string => {
    if (parameters.startsWith('?')) {
      if (!/^\?(?:.*;)?(?:47|1047|1049)(?:;|$)/.test(parameters)) return '';
      if (final !== 'h' && final !== 'l') return '';
      const before = isAlternate ? '' : finishIfAny();
      isAlternate = final === 'h';
      line.clear();
      return before;
    }
    switch (final) {
      case 'm':
        if (!/^[<=>]/.test(parameters)) line.colour(parameters);
        return '';
      case 'A':
        return line.up(firstNumber(parameters, 1)) ? '' : finishIfAny();
      case 'J':
        if (parameters === '' || parameters === '0') line.edit('', 'K');
        return parameters === '2' || parameters === '3' || isAtTop ? cleared() : '';
      case 'H':
      case 'f':
        return /^[01]?(?:;[01]?)?$/.test(parameters) ? home(nowMs) : finishIfAny();
      case 'B':
      case 'E':
      case 'F':
      case 'S':
      case 'T':
      case 'd':
        return finishIfAny();
      default:
        line.edit(parameters, final);
        return '';
    }
  };

  const takeControl = (character: string): string => {
    switch (character) {
      case '\n':
      case '\u000b':
      case '\u000c':
        return finish();
      case '\b':
        line.backspace();
        return '';
      case '\t':
        line.write('\t');
        return '';
      default:
        return '';
    }
  };

  const takeLine = (text: string): string => {
    line.write(text.endsWith('\r') ? text.slice(0, -1) : text);
    const cut = line.length > LONGEST_LINE ? finish() : '';
    return cut + finish();
  };
  const takeLines = (source: string): string => {
    const firstEnd = source.indexOf('\n');
    const first = takeLine(source.slice(0, firstEnd));
    const others = source.slice(firstEnd + 1);
    // Nothing has been written into them, so they look as they were written.
    const isPlain = !line.hasColours && others.length <= LONGEST_LINE;
    if (isPlain && others !== '' && !ENDS_WITH_BLANK.test(others))
      return first + takeBlanks() + others.replaceAll('\r\n', '\n');
    return first + others.split('\n').slice(0, -1).map(takeLine).join('');
  };

  const logged = (token: Token, nowMs: number): string => {
    switch (token.type) {
      case 'text':
        isAtTop = false;
        line.write(token.source);
        return takeBlanks() + (line.length > LONGEST_LINE ? finish() : '');
      case 'lines':
        isAtTop = false;
        return takeLines(token.source);
      case 'control':
        isAtTop = false;
        return takeControl(token.source);
      case 'csi':
        return takeCsi(token, nowMs);
      case 'escape':
        return token.final === 'c' ? cleared() : '';
      case 'string':
        return '';
    }
  };

  return {
    take(token, nowMs) {
      // CR LF is one end; a CR that stands alone returns to the start of its row.
      const isReturn = token.type === 'control' && token.source === '\r';
      if (wasReturned && !isReturn && !isNewline(token)) line.carriageReturn();
      wasReturned = isReturn || (wasReturned && token.type === 'string');
      if (isReturn) return '';
      const isSilent = isAlternate || isRedrawing(nowMs);
      const waiting = blanks;
      const text = logged(token, nowMs);
      if (!isSilent) return text;
      blanks = waiting;
      return '';
    },
    isAtStart: (nowMs) =>
      shown === undefined && !wasReturned && line.isUntouched && !isAlternate && !isRedrawing(nowMs),
    takePlain(bytes, target, at, result) {
      const waiting = blanks;
      copyPlainLines(bytes, target, at + waiting, copied);
      result.taken = copied.taken;
      result.written = 0;
      result.isAll = copied.isAll;
      if (copied.taken > 0) isAtTop = false;
      if (copied.end > at + waiting) {
        target.fill(NEWLINE, at, at + waiting);
        result.written = copied.end - at;
        blanks = 0;
      }
      for (let left = copied.blanks; left > 0; left -= 1) {
        blanks += 1;
        if (blanks <= MOST_BLANKS) continue;
        target.fill(NEWLINE, at + result.written, at + result.written + blanks);
        result.written += blanks;
        blanks = 0;
      }
    },
    piece() {
      if (shown !== undefined || isAlternate) return '';
      if (line.isEmpty) return takeBlanks();
      const text = line.text();
      shown = text;
      return text;
    },
    end: () => (isAlternate ? '' : finishIfAny() + takeBlanks()),
    get holds() {
      return shown === undefined && (blanks > 0 || !line.isEmpty) && !isAlternate;
    },
    get isDrawing() {
      return isAlternate || redraws >= REDRAWS;
    },
    resize: (to) => void (columns = to),
  };
}

const isNewline = ({ type, source }: Token): boolean =>
  (type === 'control' && source === '\n') || (type === 'lines' && /^\r?\n/.test(source));
