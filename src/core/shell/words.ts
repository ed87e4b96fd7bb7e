/** Quotes words for a POSIX shell. */

/** Nothing in it means anything to a shell. `=` does in front of a command, `~` and `#` at the start of a word. */
const PLAIN = /^[\w@%+:,./-][\w@%+:,./=~#-]*$/;

/** One word that a shell reads back as exactly `word`. */
export function quoteWord(word: string): string {
  if (PLAIN.test(word) && !/^\w+=/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a shell reads back as exactly these words. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}
