/**
 * Removes what was not used for long, and what is too much. Nothing is removed while any process uses the cache: who uses it says so
 * before it looks whether somebody prunes, and who prunes says so before it looks whether somebody uses it.
 */
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOwn, livingClaims, mark, removeDead, tryClaim, type OwnClaim } from './claims.ts';
import { namesIn, removeQuietly, textOf } from './files.ts';
import { objectsOf, resultOf, type Store, type StoredResult } from './store.ts';
import { lstatOf } from './walk.ts';

export interface CacheBounds {
  readonly maxBytes: number;
  /** Since it was used last. */
  readonly maxAgeMs: number;
}

const DAY_MS = 86_400_000;
export const USUAL_BOUNDS: CacheBounds = { maxBytes: 2 * 1024 ** 3, maxAgeMs: 30 * DAY_MS };
/** After it was pruned for its size there is room for so much of it. */
const FULL_UNTIL = 0.8;
const LOOK_AGAIN_MS = 20;

/** While it is held nothing is removed. Waits for one that prunes. Rejects with the system's error where nothing can be written. */
export async function useCache(directory: string): Promise<OwnClaim> {
  const use = mark(join(directory, 'users'));
  while (livingClaims(join(directory, 'pruning')).length > 0)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  return use;
}

export interface KeptEntry extends StoredResult {
  readonly key: string;
  readonly bytes: number;
  readonly usedAtMs: number;
}

/** Those that were used last come first. One that is damaged is left out. */
export function entriesOf({ directory }: Pick<Store, 'directory'>): readonly KeptEntry[] {
  const entries = namesIn(join(directory, 'results')).flatMap((key) => {
    const path = join(directory, 'results', key);
    const stats = lstatOf(path);
    const result = stats === undefined ? undefined : resultOf(textOf(path) ?? '');
    if (stats === undefined || result === undefined) return [];
    const bytes = objectsOf(result).reduce((sum, { size }) => sum + size, stats.size);
    return [{ ...result, key, bytes, usedAtMs: stats.mtimeMs }];
  });
  return entries.sort((one, other) => other.usedAtMs - one.usedAtMs);
}

export interface Pruned {
  readonly results: number;
  readonly bytes: number;
  /** What is left. */
  readonly leftBytes: number;
}

export interface PruneOrder extends CacheBounds {
  readonly nowMs: number;
}

/** Pids of those that use the cache, if any: then nothing is removed. Throws the system's error. */
export function pruneNow(store: Store, order: PruneOrder): Pruned | { readonly usedBy: readonly number[] } {
  const { directory } = store;
  const claim = tryClaim(join(directory, 'pruning'));
  if (claim === 'contended') return { usedBy: [] };
  if (!isOwn(claim)) return { usedBy: [claim.pid] };
  try {
    const users = livingClaims(join(directory, 'users'));
    return users.length > 0 ? { usedBy: users.map(({ pid }) => pid) } : removeOld(store, order);
  } finally {
    claim.release();
  }
}

/** At the end of a run, once a day or when much has come. */
export function pruneAfter(
  store: Store,
  { grownBytes, nowMs, ...bounds }: PruneOrder & { readonly grownBytes: number },
): void {
  const { directory } = store;
  const [growth, pruned] = [join(directory, 'growth'), join(directory, 'pruned')];
  if (grownBytes > 0) appendFileSync(growth, `${String(grownBytes)}\n`, { mode: 0o600 });
  const grown = (textOf(growth) ?? '').split('\n').reduce((sum, text) => sum + Number(text), 0);
  const last = lstatOf(pruned);
  if (last === undefined) {
    if (grownBytes > 0) writeFileSync(pruned, '0', { mode: 0o600 });
    if (grown <= bounds.maxBytes) return;
  }
  const total = grown + Number(textOf(pruned));
  if (total <= bounds.maxBytes && Math.abs(nowMs - (last?.mtimeMs ?? 0)) < DAY_MS) return;
  pruneNow(store, { ...bounds, nowMs });
}

function removeOld(store: Store, { maxBytes, maxAgeMs, nowMs }: PruneOrder): Pruned {
  const { directory } = store;
  const entries = entriesOf(store);
  const sizes = new Map<string, number>();
  const kept = new Set<string>();
  const most = totalOf(entries) > maxBytes ? maxBytes * FULL_UNTIL : maxBytes;
  let bytes = 0;
  for (const entry of entries) {
    const news = objectsOf(entry).filter(({ digest }) => !sizes.has(digest));
    const added = news.reduce((sum, { size }) => sum + size, 0);
    if (nowMs - entry.usedAtMs > maxAgeMs || bytes + added > most) continue;
    for (const { digest, size } of news) sizes.set(digest, size);
    kept.add(entry.key);
    bytes += added;
  }
  const before = diskUse(directory);
  removeBut(join(directory, 'results'), (key) => kept.has(key));
  for (const pair of namesIn(join(directory, 'objects')))
    removeBut(join(directory, 'objects', pair), (rest) => sizes.has(pair + rest));
  const last = new Set(namesIn(join(directory, 'last')).map((task) => textOf(join(directory, 'last', task))));
  removeBut(join(directory, 'last'), (task) => isYoung(join(directory, 'last', task), nowMs, maxAgeMs));
  removeBut(join(directory, 'parts'), (key) => kept.has(key) || (maxAgeMs > 0 && last.has(key)));
  removeBut(join(directory, 'stats'), (name) => isYoung(join(directory, 'stats', name), nowMs, maxAgeMs));
  // Nobody is writing.
  removeBut(join(directory, 'partial'), () => false);
  for (const name of namesIn(join(directory, 'running')))
    rmSync(join(directory, 'running', name), { recursive: true, force: true });
  removeDead(join(directory, 'users'));
  removeQuietly(join(directory, 'growth'));
  const leftBytes = diskUse(directory);
  writeFileSync(join(directory, 'pruned'), String(leftBytes), { mode: 0o600 });
  return { results: entries.length - kept.size, bytes: before - leftBytes, leftBytes };
}

/** Each object once. */
function totalOf(entries: readonly KeptEntry[]): number {
  const sizes = new Map(entries.flatMap(objectsOf).map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

const isYoung = (path: string, nowMs: number, maxAgeMs: number): boolean =>
  nowMs - (lstatOf(path)?.mtimeMs ?? 0) <= maxAgeMs;

function removeBut(directory: string, isKept: (name: string) => boolean): void {
  for (const name of namesIn(directory)) if (!isKept(name)) removeQuietly(join(directory, name));
}

/** Of all files in it. */
export function diskUse(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    bytes += entry.isDirectory() ? diskUse(path) : (lstatOf(path)?.size ?? 0);
  }
  return bytes;
}
