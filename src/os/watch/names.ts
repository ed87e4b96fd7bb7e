/** Names of files as texts from which their bytes can be had again: a byte that is no UTF-8 is a lone surrogate. */
import { isUtf8 } from 'node:buffer';

const FIRST = 0xdc00;
/** As a pair of surrogates is one character here, it matches a lone one only. */
const LONE = /[\udc80-\udcff]/u;
const UNCERTAIN = '\ufffd';

export function nameOf(bytes: Buffer): string {
  const text = bytes.toString();
  return text.includes(UNCERTAIN) && !isUtf8(bytes) ? withSurrogates(bytes) : text;
}

function withSurrogates(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find(
      (some) => at + some <= bytes.length && isUtf8(bytes.subarray(at, at + some)),
    );
    text +=
      length === undefined
        ? String.fromCharCode(FIRST + (bytes[at] ?? 0))
        : bytes.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

/** For the system. */
export function bytesOf(path: string): string | Buffer {
  if (!LONE.test(path)) return path;
  const parts: Buffer[] = [];
  for (const character of path) {
    const code = character.codePointAt(0) ?? 0;
    parts.push(
      code >= FIRST + 0x80 && code <= FIRST + 0xff ? Buffer.from([code - FIRST]) : Buffer.from(character),
    );
  }
  return Buffer.concat(parts);
}
