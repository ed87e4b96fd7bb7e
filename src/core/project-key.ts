const READABLE_LENGTH = 20;

/**
 * Names the project in the directory `realRoot` (absolute, symbolic links resolved): `shop-0f3a...`, the directory's
 * own name made safe, and 16 hex digits of the whole path. Keys may collide, however unlikely that is: code that stores
 * something under a key stores the root with it, and compares.
 */
export function projectKey(realRoot: string): string {
  return `${readablePart(realRoot)}-${projectHash(realRoot)}`;
}

/** The 16 hex digits alone, for where a path has to be short. */
export function projectHash(realRoot: string): string {
  return hash64(realRoot)
    .map((lane) => lane.toString(16).padStart(8, '0'))
    .join('');
}

/** Never empty, and never with a dash in front, which commands would take for an option. */
function readablePart(root: string): string {
  const name = root.slice(root.lastIndexOf('/') + 1);
  const harmless = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+/, '');
  return harmless.slice(0, READABLE_LENGTH).replace(/-+$/, '') || 'project';
}

/**
 * Two lanes of 32 bits, mixed as MurmurHash does, that finish by stirring each other (cyrb53 with all its bits). Not
 * for secrets: node:crypto takes 12 ms to load, and a user gains nothing by a collision between own projects.
 */
function hash64(text: string): readonly [number, number] {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  const stirredHigh = stir(high, low);
  const stirredLow = stir(low, stirredHigh);
  return [stirredLow >>> 0, stirredHigh >>> 0];
}

function stir(lane: number, other: number): number {
  const mixed = Math.imul(lane ^ (lane >>> 16), 2246822507);
  return mixed ^ Math.imul(other ^ (other >>> 13), 3266489909);
}
