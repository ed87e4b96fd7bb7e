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
  readonly why: 'open' | 'unexpected' | 'here-document' | 'deep';
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

/** Expansions in expansions: no person writes more, and each takes a part of our stack. */
export const DEEPEST_EXPANSION = 100;

/** `onPiece` is called for each quoted or expanded piece that is looked at. */
export function scanPipeline(text: string, onPiece: () => void = () => undefined): Scan {
  const stages: ScannedStage[] = [];
  try {
    scanCommands({ text, ends: new Map(), depth: 0, onPiece }, 0, undefined, (stage) => stages.push(stage));
    return { stages };
  } catch (error) {
    if (error instanceof ScanStop) return { failure: error.failure };
    throw error;
  }
}

interface Source {
  readonly text: string;
  /**
   * Where the expansion ends that begins here. `$((` is read as arithmetic and then as a command, and so is what is in it:
   * without this the work would double with each level.
   */
  readonly ends: Map<number, number>;
  /** So many expansions are open. */
  readonly depth: number;
  readonly onPiece: () => void;
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
  source: Source,
  from: number,
  within: Opened | undefined,
  found?: (stage: ScannedStage) => void,
): number {
  const { text } = source;
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
    const { end, literal } = scanWord(source, at);
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
function scanWord(source: Source, from: number): { readonly end: number; readonly literal: string } {
  const { text } = source;
  let literal = '';
  let at = from;
  while (at < text.length && !ENDS_WORD.test(text[at] ?? '')) {
    const end = endOfPiece(source, at);
    literal += literalOf(text.slice(at, end));
    at = end;
  }
  return { end: at, literal };
}

/** Index behind the quotes, the expansion or the character at `at`. */
function endOfPiece(source: Source, at: number): number {
  const { text, onPiece } = source;
  onPiece();
  switch (text[at] ?? '') {
    case '\\':
      return Math.min(at + 2, text.length);
    case "'":
      return closing(text, at, "'") + 1;
    case '"':
      return endOfDoubleQuotes(source, at);
    case '`':
      return endOfBackquotes(text, at);
    case '$':
      return endOfExpansion(source, at);
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

function endOfDoubleQuotes(source: Source, from: number): number {
  const { text } = source;
  for (let at = from + 1; at < text.length;) {
    const character = text[at];
    if (character === '"') return at + 1;
    // A single quote is one character like others in here.
    at = character === "'" ? at + 1 : endOfPiece(source, at);
  }
  return stop('open', from, '"');
}

function endOfBackquotes(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += text[at] === '\\' ? 2 : 1) {
    if (text[at] === '`') return at + 1;
  }
  return stop('open', from, '`');
}

function endOfExpansion(source: Source, at: number): number {
  const known = source.ends.get(at);
  if (known !== undefined) return known;
  const end = findEndOfExpansion({ ...source, depth: source.depth + 1 }, at);
  source.ends.set(at, end);
  return end;
}

function findEndOfExpansion(source: Source, at: number): number {
  const { text, depth } = source;
  const opener = /^\$(?:\(\(?|\{)/.exec(text.slice(at, at + 3))?.[0];
  // `$$` and `$#`: what follows is no expansion and no comment.
  if (opener === undefined) return at + (/[$#?!@*-]/.test(text[at + 1] ?? '') ? 2 : 1);
  if (depth > DEEPEST_EXPANSION) stop('deep', at, opener);
  if (opener === '$((') return endOfArithmetic(source, at);
  return opener === '${'
    ? endOfParameter(source, at)
    : scanCommands(source, at + 2, { closer: ')', token: opener, at });
}

/** `$((...) | b)` is a command in a subshell, which only its end tells from arithmetic. */
function endOfArithmetic(source: Source, from: number): number {
  const { text } = source;
  let depth = 0;
  for (let at = from + 1; at < text.length;) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')' && (depth -= 1) === 0) {
      if (text[at - 1] === ')') return at + 1;
      break;
    }
    at = /['"\\`$]/.test(text[at] ?? '') ? endOfPiece(source, at) : at + 1;
  }
  return scanCommands(source, from + 2, { closer: ')', token: '$(', at: from });
}

function endOfParameter(source: Source, from: number): number {
  const { text } = source;
  for (let at = from + 2; at < text.length;) {
    if (text[at] === '}') return at + 1;
    at = endOfPiece(source, at);
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
