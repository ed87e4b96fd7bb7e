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
      const text = kept.join('').slice(-MOST_CHARACTERS);
      kept = [text.slice(text.indexOf('\n') + 1)];
      length = kept[0]?.length ?? 0;
    },
    text(rows) {
      const text = kept.join('');
      let from = text.length;
      for (let row = 0; row < rows && from > 0; row += 1) from = text.lastIndexOf('\n', from - 1);
      return text.slice(Math.max(0, from + 1));
    },
  };
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
