/**
 * Scans a shell command line as far as is needed to find its pipes.
 *
 * It finds each `|` and `|&` outside of quotes, expansions and compound commands, and the words of each stage. The rest
 * of a stage (`;`, `&&`, `||`, redirections) is left to the shell, which reads the stage again. So invalid shell syntax
 * may pass here, but unclosed constructs may not: they would have swallowed a `|`.
 */

/** What lies between two pipes; `start` and `end` are indices in the text. */
export interface ScannedStage {
  readonly start: number;
  readonly end: number;
  /** The words of its first simple command, without quotes; expansions stand as they were written. */
  readonly words: readonly string[];
  /** There is something in it beside white space and comments. */
  readonly hasContent: boolean;
  /** Followed by `|&`. */
  readonly joinsStderr: boolean;
}

export interface ScanFailure {
  readonly why: 'open' | 'unexpected' | 'here-document';
  readonly at: number;
  /** What is there: `'`, `$(`, `if`. */
  readonly token: string;
}

export type Scan =
  | { readonly stages: readonly ScannedStage[]; readonly failure?: undefined }
  | { readonly stages?: undefined; readonly failure: ScanFailure };

/** Which word ends what a reserved word begins. */
const CLOSER: Readonly<Record<string, string>> = {
  '{': '}',
  if: 'fi',
  case: 'esac',
  for: 'done',
  while: 'done',
  until: 'done',
  select: 'done',
};
/** Another command follows at once. */
const OPENS_COMMAND = new Set(['!', 'then', 'else', 'elif', 'do']);
const BLANK = /[ \t]/;
const ENDS_WORD = /[ \t\n;&|<>()]/;

/** Thrown inside of this file only: from any depth to the one place that answers. */
class ScanStop extends Error {
  readonly failure: ScanFailure;
  constructor(failure: ScanFailure) {
    super(failure.why);
    this.failure = failure;
  }
}

export function scanPipeline(text: string): Scan {
  const stages: ScannedStage[] = [];
  try {
    scanCommands(text, 0, undefined, (stage) => stages.push(stage));
    return { stages };
  } catch (error) {
    if (error instanceof ScanStop) return { failure: error.failure };
    throw error;
  }
}

interface Opened {
  readonly closer: string;
  readonly token: string;
  readonly at: number;
}

/**
 * Reads commands from `from` on: up to the `)` that ends `within`, or to the end of the text. Returns the index behind
 * that.
 */
function scanCommands(
  text: string,
  from: number,
  within: Opened | undefined,
  found?: (stage: ScannedStage) => void,
): number {
  const open: Opened[] = [];
  let at = from;
  /** A reserved word would be recognised here. */
  let beginsCommand = true;
  let followsRedirection = false;
  let start = from;
  let words: string[] = [];
  let takesWords = true;
  let hasContent = false;

  const cut = (next: number, joinsStderr: boolean): void => {
    found?.({ start, end: at, words, hasContent, joinsStderr });
    start = next;
    words = [];
    takesWords = true;
    hasContent = false;
  };

  const operator = (size: number): void => {
    at += size;
    beginsCommand = true;
    takesWords = false;
    hasContent = true;
  };

  const pipe = (): void => {
    if (text[at + 1] === '|') return operator(2);
    const joinsStderr = text[at + 1] === '&';
    const size = joinsStderr ? 2 : 1;
    if (open.length > 0) return operator(size);
    cut(at + size, joinsStderr);
    at += size;
    beginsCommand = true;
  };

  const redirection = (): void => {
    if (text.startsWith('<<', at) && text[at + 2] !== '<') stop('here-document', at, '<<');
    while (/[<>]/.test(text[at] ?? '')) at += 1;
    if (/[&|]/.test(text[at] ?? '')) at += 1;
    beginsCommand = false;
    followsRedirection = true;
    hasContent = true;
  };

  const word = (): void => {
    const begin = at;
    const { end, literal } = scanWord(text, at);
    at = end;
    hasContent = true;
    const raw = text.slice(begin, end);
    const isRedirected = followsRedirection || (/^\d+$/.test(raw) && /[<>]/.test(text[end] ?? ''));
    followsRedirection = false;
    if (isRedirected) return;
    const top = open.at(-1);
    if (beginsCommand && raw === top?.closer) {
      open.pop();
      beginsCommand = false;
      return;
    }
    const closer = beginsCommand && Object.hasOwn(CLOSER, raw) ? CLOSER[raw] : undefined;
    if (closer !== undefined) {
      open.push({ closer, token: raw, at: begin });
      takesWords = false;
    } else if (takesWords) {
      words.push(literal);
    }
    const isReserved = raw === '{' || raw === 'if' || raw === 'while' || raw === 'until';
    const opensPatterns = raw === 'in' && top?.closer === 'esac';
    beginsCommand = (beginsCommand && (isReserved || OPENS_COMMAND.has(raw))) || opensPatterns;
  };

  for (; at < text.length;) {
    const character = text[at] ?? '';
    if (BLANK.test(character)) at += 1;
    else if (character === '\\' && text[at + 1] === '\n') at += 2;
    else if (character === '#') at = endOfLine(text, at);
    else if (character === '\n') {
      at += 1;
      beginsCommand = true;
      takesWords &&= words.length === 0;
    } else if (character === ';') operator(1);
    else if (character === '|') pipe();
    else if (character === '&' && text[at + 1] === '>') at += 1;
    else if (character === '&') operator(text[at + 1] === '&' ? 2 : 1);
    else if (character === '<' || character === '>') redirection();
    else if (character === '(') {
      open.push({ closer: ')', token: '(', at });
      operator(1);
    } else if (character === ')') {
      const top = open.at(-1);
      if (top === undefined && within !== undefined) return at + 1;
      if (top?.closer === ')') open.pop();
      // The end of a pattern of `case`; anything else is unmatched.
      else if (top?.closer !== 'esac') stop('unexpected', at, ')');
      operator(1);
    } else word();
  }
  const last = open.at(-1) ?? within;
  if (last !== undefined) stop('open', last.at, last.token);
  cut(text.length, false);
  return at;
}

/** A word and everything that is quoted or expanded in it. */
function scanWord(text: string, from: number): { readonly end: number; readonly literal: string } {
  let literal = '';
  let at = from;
  while (at < text.length && !ENDS_WORD.test(text[at] ?? '')) {
    const end = endOfPiece(text, at);
    literal += literalOf(text.slice(at, end));
    at = end;
  }
  return { end: at, literal };
}

/** Index behind the quotes, the expansion or the character at `at`. */
function endOfPiece(text: string, at: number): number {
  switch (text[at] ?? '') {
    case '\\':
      return Math.min(at + 2, text.length);
    case "'":
      return closing(text, at, "'") + 1;
    case '"':
      return endOfDoubleQuotes(text, at);
    case '`':
      return endOfBackquotes(text, at);
    case '$':
      return endOfExpansion(text, at);
    default:
      return at + 1;
  }
}

function literalOf(piece: string): string {
  if (piece.startsWith("'")) return piece.slice(1, -1);
  if (piece.startsWith('"')) return piece.slice(1, -1).replace(/\\([$`"\\])|\\\n/g, '$1');
  if (piece.startsWith('\\') && piece.length > 1) return piece === '\\\n' ? '' : piece.slice(1);
  return piece;
}

function endOfDoubleQuotes(text: string, from: number): number {
  for (let at = from + 1; at < text.length;) {
    const character = text[at];
    if (character === '"') return at + 1;
    // A single quote is one character like others in here.
    at = character === "'" ? at + 1 : endOfPiece(text, at);
  }
  return stop('open', from, '"');
}

function endOfBackquotes(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += text[at] === '\\' ? 2 : 1) {
    if (text[at] === '`') return at + 1;
  }
  return stop('open', from, '`');
}

function endOfExpansion(text: string, at: number): number {
  if (text.startsWith('$((', at)) return endOfArithmetic(text, at);
  if (text[at + 1] === '(') return scanCommands(text, at + 2, { closer: ')', token: '$(', at });
  if (text[at + 1] === '{') return endOfParameter(text, at);
  // `$$` and `$#`: what follows is no expansion and no comment.
  return at + (/[$#?!@*-]/.test(text[at + 1] ?? '') ? 2 : 1);
}

/** `$((...) | b)` is a command in a subshell, which only its end tells from arithmetic. */
function endOfArithmetic(text: string, from: number): number {
  let depth = 0;
  for (let at = from + 1; at < text.length;) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')' && (depth -= 1) === 0) {
      if (text[at - 1] === ')') return at + 1;
      break;
    }
    at = /['"\\`$]/.test(text[at] ?? '') ? endOfPiece(text, at) : at + 1;
  }
  return scanCommands(text, from + 2, { closer: ')', token: '$(', at: from });
}

function endOfParameter(text: string, from: number): number {
  for (let at = from + 2; at < text.length;) {
    if (text[at] === '}') return at + 1;
    at = endOfPiece(text, at);
  }
  return stop('open', from, '${');
}

function closing(text: string, from: number, quote: string): number {
  const at = text.indexOf(quote, from + 1);
  return at === -1 ? stop('open', from, quote) : at;
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at;
}

function stop(why: ScanFailure['why'], at: number, token: string): never {
  throw new ScanStop({ why, at, token });
}
