/** The colours that a terminal writes in, as one sequence that sets them; '' for the usual ones. */

const OFF = new Set([22, 23, 24, 25, 27, 28, 29, 39, 49, 59]);

/** After the sequence `ESC [ parameters m`. */
export function coloursAfter(before: string, parameters: string): string {
  const groups = new Map<string, string>();
  const old = before === '' ? [] : codesOf(before.slice(2, -1));
  for (const code of [...old, ...codesOf(parameters)]) {
    const number = Number.parseInt(code, 10) || 0;
    if (number === 0) groups.clear();
    else if (OFF.has(number)) groups.delete(groupOf(number));
    else groups.set(groupOf(number), code);
  }
  return groups.size === 0 ? '' : `\u001b[${[...groups.values()].join(';')}m`;
}

/** `38;5;9;1` is `38;5;9` and `1`. */
function codesOf(parameters: string): readonly string[] {
  const words = parameters.split(';');
  const codes: string[] = [];
  for (let at = 0; at < words.length;) {
    const isColour = ['38', '48', '58'].includes(words[at] ?? '');
    const count = !isColour ? 1 : words[at + 1] === '2' ? 5 : words[at + 1] === '5' ? 3 : 1;
    codes.push(words.slice(at, at + count).join(';'));
    at += count;
  }
  return codes;
}

/** Codes of one group replace each other. */
function groupOf(code: number): string {
  if (code === 1 || code === 2 || code === 22) return 'weight';
  if (code === 4 || code === 21 || code === 24) return 'underline';
  if (code === 5 || code === 6 || code === 25) return 'blink';
  if ((code >= 30 && code <= 39) || (code >= 90 && code <= 97)) return 'foreground';
  if ((code >= 40 && code <= 49) || (code >= 100 && code <= 107)) return 'background';
  if (code === 58 || code === 59) return 'underline colour';
  return String(code % 20);
}
