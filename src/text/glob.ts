/** Patterns of names: `*` stands for any characters, `?` for one. Matched in linear memory and without backtracking. */

export const isGlob = (word: string): boolean => /[*?]/.test(word);

/** Whether the whole text matches. After a mismatch only the last `*` takes one character more: earlier ones need not. */
export function matchesGlob(pattern: string, text: string): boolean {
  let [at, from] = [0, 0];
  let star: number | undefined;
  let taken = 0;
  while (from < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      taken = from;
    } else if (pattern[at] === '?' || pattern[at] === text[from]) {
      at += 1;
      from += 1;
    } else if (star !== undefined) {
      at = star + 1;
      from = ++taken;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
