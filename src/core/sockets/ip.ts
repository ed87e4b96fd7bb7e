/** The bytes of an IP address: 4 or 16; undefined for any other text. A zone (`%eth0`) is not read. */
export function ipBytes(text: string): readonly number[] | undefined {
  return text.includes(':') ? bytesOf6(text) : bytesOf4(text);
}

function bytesOf4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  const isNumber = (part: string): boolean => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.length === 4 && parts.every(isNumber) ? parts.map(Number) : undefined;
}

const BYTES = 16;

function bytesOf6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => bytesOfGroups(half, at === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === BYTES ? head : undefined;
  // `::` stands for one group of zeros at least.
  if (tail === undefined || head.length + tail.length > BYTES - 2) return undefined;
  return [...head, ...Array.from({ length: BYTES - head.length - tail.length }, () => 0), ...tail];
}

function bytesOfGroups(half: string, isLast: boolean): readonly number[] | undefined {
  if (half === '') return [];
  const groups = half.split(':');
  const bytes = groups.map((group, at) => {
    if (group.includes('.')) return isLast && at === groups.length - 1 ? bytesOf4(group) : undefined;
    if (!/^[\da-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.every((pair) => pair !== undefined) ? bytes.flat() : undefined;
}
