/** Characters that a reader takes for others, or does not see: they come with text that was copied from a page. */

export interface OddCharacter {
  readonly at: number;
  /** `the no-break space U+00A0` */
  readonly what: string;
  /** It is seen, but is no quote to a shell. */
  readonly isQuote: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  ...{ '\u00a0': 'no-break space', '\u00ad': 'soft hyphen', '\u200b': 'zero-width space' },
  ...{ '\u202f': 'narrow no-break space', '\u2060': 'word joiner', '\ufeff': 'byte order mark' },
};

/** White space other than that of ASCII, and what takes no room. Not U+200C and U+200D, which join letters and emoji. */
const INVISIBLE =
  /[\u00a0\u00ad\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff]/;
const TYPOGRAPHIC = /[\u2018\u2019\u201a\u201c-\u201e]/;

export function firstInvisible(text: string): OddCharacter | undefined {
  const at = text.search(INVISIBLE);
  return at === -1 ? undefined : odd(text, at, false);
}

/** A typographic quote where a shell would see a straight one: outside of those. Apostrophes within a word are none. */
export function firstTypographicQuote(command: string): OddCharacter | undefined {
  let quote: string | undefined;
  for (let at = 0; at < command.length; at++) {
    const one = command.charAt(at);
    if (one === '\\' && quote !== "'") at += 1;
    else if (quote !== undefined) quote = one === quote ? undefined : quote;
    else if (one === "'" || one === '"') quote = one;
    else if (TYPOGRAPHIC.test(one) && !isApostrophe(command, at)) return odd(command, at, true);
  }
  return undefined;
}

/** The same for a value that may be quoted as a whole. */
export function typographicQuoteAround(value: string): OddCharacter | undefined {
  return TYPOGRAPHIC.test(value.charAt(0)) ? odd(value, 0, true) : undefined;
}

const isApostrophe = (text: string, at: number): boolean =>
  text[at] === '\u2019' && /\p{L}/u.test(text.charAt(at - 1)) && /\p{L}/u.test(text.charAt(at + 1));

function odd(text: string, at: number, isQuote: boolean): OddCharacter {
  const one = text.charAt(at);
  const code = `U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return {
    at,
    what: `the ${isQuote ? 'typographic quote' : (NAMES[one] ?? 'invisible character')} ${code}`,
    isQuote,
  };
}

export const oddRemedy = ({ isQuote }: OddCharacter): string =>
  isQuote ? 'use straight quotes: " or \'' : 'type an ordinary space in its place, or remove it';
