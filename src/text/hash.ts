/** FNV-1a of the UTF-16 code units, 32 bits. For names, not for secrets: others with the same are easy to find. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
