/** Our own arguments as bytes. Node decodes them: what is not UTF-8 is U+FFFD then. */
import { readFileSync } from 'node:fs';

/**
 * The last arguments, which Node gives as `decoded`. Undefined where the system does not tell them (other than Linux), or
 * tells others.
 */
export function lastArguments(
  decoded: readonly string[],
  path = '/proc/self/cmdline',
): readonly Uint8Array[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const last = wordsOf(bytes).slice(-decoded.length);
  const isSame = last.length === decoded.length && last.every((word, at) => word.toString() === decoded[at]);
  return isSame ? last : undefined;
}

/** Each ends with a NUL byte. */
function wordsOf(bytes: Buffer): Buffer[] {
  const words: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0, from);
    const to = end === -1 ? bytes.length : end;
    words.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return words;
}
