/** What a program has drawn since it last cleared its screen, to be drawn once more by another terminal. */
import type { Token } from './scanner.ts';

export interface Recent {
  take(token: Token): void;
  /** As `take` with the tokens of such lines (`plain-lines.ts`). They are copied, and become text when it is asked for. */
  takePlain(lines: Uint8Array): void;
  /** At most so many lines of it. */
  text(rows: number): string;
}

/** Enough for the cells of a large screen with their colours: of characters, or of bytes of plain lines. */
const MOST = 64 * 1024;
const NEWLINE = 10;

export function createRecent(): Recent {
  /** The first of them are older than `kept`. */
  let bytes = new Uint8Array(0);
  let byteCount = 0;
  let kept: string[] = [];
  let length = 0;

  const forget = (): void => {
    byteCount = length = 0;
    kept = [];
  };

  const append = (more: Uint8Array): void => {
    if (bytes.length === 0) bytes = new Uint8Array(2 * MOST);
    const latest = more.subarray(startOfLatest(more));
    if (byteCount + latest.length > bytes.length) {
      const from = startOfLatest(bytes.subarray(0, byteCount));
      bytes.copyWithin(0, from, byteCount);
      byteCount -= from;
    }
    bytes.set(latest, byteCount);
    byteCount += latest.length;
  };

  return {
    take(token) {
      if (asks(token)) return;
      if (clears(token)) forget();
      kept.push(token.source);
      length += token.source.length;
      if (length < 2 * MOST) return;
      byteCount = 0;
      kept = lastLines(kept, length);
      length = kept.reduce((sum, part) => sum + part.length, 0);
    },
    takePlain(lines) {
      const text = kept.join('');
      kept = [];
      length = 0;
      if (text !== '') append(encoder.encode(text));
      append(lines);
    },
    text(rows) {
      const text = decoder.decode(bytes.subarray(0, byteCount)) + kept.join('');
      let from = text.length;
      for (let row = 0; row < rows && from > 0; row += 1) from = text.lastIndexOf('\n', from - 1);
      return text.slice(Math.max(0, from + 1));
    },
  };
}

/** The end of it, from the start of a line. To join it all would cost more than to read it. */
function lastLines(parts: readonly string[], length: number): string[] {
  let from = 0;
  for (let left = length; left > MOST; from += 1) left -= parts[from]?.length ?? 0;
  const rest = parts.slice(from);
  const start = rest.findIndex((part) => part.includes('\n'));
  const part = rest[start];
  return part === undefined ? rest : [part.slice(part.indexOf('\n') + 1), ...rest.slice(start + 1)];
}

/** The latest bytes, from the beginning of a line on if there is one. */
function startOfLatest(bytes: Uint8Array): number {
  const from = bytes.length - MOST;
  if (from <= 0) return 0;
  const end = bytes.indexOf(NEWLINE, from - 1);
  return end < 0 ? from : end + 1;
}

const encoder = new TextEncoder();
/** A byte order mark is kept. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Another terminal would answer once more. */
function asks(token: Token): boolean {
  if (token.type === 'csi') return ['n', 'c', 't', 'q'].includes(token.final);
  return token.type === 'string' && (token.source.startsWith('\u001bP') || token.source.includes('?'));
}

function clears(token: Token): boolean {
  if (token.type === 'escape') return token.final === 'c';
  if (token.type !== 'csi') return false;
  const { parameters, final } = token;
  if (final === 'J') return parameters === '2' || parameters === '3';
  return (final === 'h' || final === 'l') && /^\?(?:47|1047|1049)$/.test(parameters);
}
