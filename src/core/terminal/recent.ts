/** What a program has drawn since it last cleared its screen, to be drawn once more by another terminal. */
import type { Token } from './scanner.ts';

export interface Recent {
  take(token: Token): void;
  /** At most so many lines of it. */
  text(rows: number): string;
}

/** Enough for the cells of a large screen with their colours. */
const MOST_CHARACTERS = 64 * 1024;

export function createRecent(): Recent {
  let kept: string[] = [];
  let length = 0;

  return {
    take(token) {
      if (asks(token)) return;
      if (clears(token)) {
        kept = [];
        length = 0;
      }
      kept.push(token.source);
      length += token.source.length;
      if (length < 2 * MOST_CHARACTERS) return;
      kept = lastLines(kept, length);
      length = kept.reduce((sum, part) => sum + part.length, 0);
    },
    text(rows) {
      const text = kept.join('');
      let from = text.length;
      for (let row = 0; row < rows && from > 0; row += 1) from = text.lastIndexOf('\n', from - 1);
      return text.slice(Math.max(0, from + 1));
    },
  };
}

/** The end of it, from the start of a line. To join it all would cost more than to read it. */
function lastLines(parts: readonly string[], length: number): string[] {
  let from = 0;
  for (let left = length; left > MOST_CHARACTERS; from += 1) left -= parts[from]?.length ?? 0;
  const rest = parts.slice(from);
  const start = rest.findIndex((part) => part.includes('\n'));
  const part = rest[start];
  return part === undefined ? rest : [part.slice(part.indexOf('\n') + 1), ...rest.slice(start + 1)];
}

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
