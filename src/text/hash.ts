/** FNV-1a of the UTF-16 code units, 32 bits. For names, not for secrets: others with the same are easy to find. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

const FIRST_PRIME = 2654435761;
const SECOND_PRIME = 1597334677;

/** 16 digits that change with each byte, for damage and not for secrets: by words of 32 bits, and without loading node:crypto. */
export function digestOfBytes(bytes: Uint8Array): string {
  const wholeBytes = bytes.length & ~3;
  // A copy begins at a whole word.
  const words = new Uint32Array(Uint8Array.prototype.slice.call(bytes, 0, wholeBytes).buffer);
  let [high, low] = [0xdeadbeef ^ bytes.length, 0x41c6ce57];
  const mix = (unit: number): void => {
    high = Math.imul(high ^ unit, FIRST_PRIME);
    low = Math.imul(low ^ unit, SECOND_PRIME);
    // Else the high bits of a word would never reach the low ones.
    high ^= low >>> 15;
    low ^= high >>> 13;
  };
  for (let at = 0; at < words.length; at += 1) mix(words[at] ?? 0);
  for (let at = wholeBytes; at < bytes.length; at += 1) mix(bytes[at] ?? 0);
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
