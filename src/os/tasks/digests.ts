/**
 * Digests of files, which are read again only where size, times or inode differ from when they were hashed. What is known is kept in
 * a file, by the working directory of the tasks.
 *
 * A file that was changed within the tick of time stamps in which it was hashed may be changed once more and look the same. As in
 * git, what is known of it is not trusted: it is not even kept.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { linkTextOf, sha256 } from './hash.ts';
import { hashInput, type HashedInput, type Identity } from './hash-input.ts';
import type { hashByWorkers, SizedOrder } from './hash-workers.ts';
import { createSlice } from './slice.ts';
import { isGone, type FoundFile } from './walk.ts';

export interface Digests {
  /** By path: 64 digits, ` x` for an executable one, `link ` and the digest of its text for a link. Files that are gone have none. */
  of(files: readonly FoundFile[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Of the content of a regular file; undefined: it is gone, or none. */
  contentOf(path: string, stats: Stats): Promise<string | undefined>;
  /** What has been learned. Never throws: it is only slower without. */
  save(): void;
}

interface Known extends Identity {
  readonly digest: string;
}

const FORMAT = 1;
const DIGEST_LENGTH = 64;
/**
 * Threads cost 150 ms of CPU time to start, and small files cost them half as much again as the main thread: with two cores ten
 * thousand of them take no less time. So threads hash large files only, and only where these take longer than that.
 */
const LARGE_BYTES = 1024 * 1024;
const MANY_BYTES = 512 * 1024 * 1024;
const EXECUTABLE = 0o111;
/** Of files that no task of this run has asked for. */
const MOST_UNASKED = 20_000;

export interface DigestsOptions {
  readonly largeBytes?: number;
  readonly manyBytes?: number;
  readonly byThreads?: typeof hashByWorkers;
}

export function openDigests(
  file: string,
  { largeBytes = LARGE_BYTES, manyBytes = MANY_BYTES, byThreads = loadAndHash }: DigestsOptions = {},
): Digests {
  let known: Map<string, Known> | undefined;
  const asked = new Set<string>();
  let isChanged = false;
  const all = (): Map<string, Known> => (known ??= read(file));

  const knownDigest = (path: string, stats: Stats): string | undefined => {
    const before = all().get(path);
    return before !== undefined && isSame(before, stats) ? before.digest : undefined;
  };
  const learn = (path: string, { isSettled, ...hashed }: HashedInput): void => {
    isChanged = true;
    if (isSettled) all().set(path, hashed);
    else all().delete(path);
  };
  const contentOf = async (
    path: string,
    stats: Stats,
    { follows, hashed: before }: { readonly follows: boolean; readonly hashed?: HashedInput | undefined },
  ): Promise<string | undefined> => {
    asked.add(path);
    if (before !== undefined) return before.digest;
    const known = knownDigest(path, stats);
    if (known !== undefined) return known;
    try {
      const hashed = await hashInput({ path, follows });
      learn(path, hashed);
      return hashed.digest;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  };

  let threads: Promise<unknown> = Promise.resolve();
  /** Where several ask at once, the second one waits and finds known what the first one has had hashed. */
  const hashedByThreads = (
    files: readonly FoundFile[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, HashedInput>> => {
    const large = largeOf(files, largeBytes);
    const unknown = (): typeof large =>
      large.filter(({ path, stats }) => knownDigest(path, stats) === undefined);
    if (!areMany(large, manyBytes) || !areMany(unknown(), manyBytes)) return Promise.resolve(new Map());
    const hashed = threads.then(async () => {
      const orders = unknown().map(({ path, follows, sizeBytes }) => ({ path, follows, sizeBytes }));
      if (!areMany(orders, manyBytes)) return new Map<string, HashedInput>();
      const hashed = await byThreads(orders, { signal });
      for (const [path, input] of hashed) learn(path, input);
      return hashed;
    });
    threads = hashed.catch(() => undefined);
    return hashed;
  };

  return {
    async of(files, signal) {
      const digests = new Map<string, string>();
      const hashed = await hashedByThreads(files, signal);
      const slice = createSlice(signal);
      for (const { path, stats, target } of files) {
        const digest = stats.isSymbolicLink()
          ? await linkDigest(
              path,
              target && ((at) => contentOf(at, target, { follows: true, hashed: hashed.get(at) })),
            )
          : marked(await contentOf(path, stats, { follows: false, hashed: hashed.get(path) }), stats);
        if (digest !== undefined) digests.set(path, digest);
        if (slice.isOver()) await slice.rest();
      }
      return digests;
    },
    contentOf: (path, stats) => contentOf(path, stats, { follows: false }),
    save() {
      if (!isChanged) return;
      isChanged = false;
      const unasked = [...all().keys()].filter((path) => !asked.has(path));
      if (unasked.length > MOST_UNASKED) for (const path of unasked) all().delete(path);
      write(file, all());
    },
  };
}

const marked = (digest: string | undefined, { mode }: Stats): string | undefined =>
  digest !== undefined && (mode & EXECUTABLE) !== 0 ? `${digest} x` : digest;

async function linkDigest(
  path: string,
  contentOf: ((path: string) => Promise<string | undefined>) | undefined,
): Promise<string | undefined> {
  try {
    const text = `link ${sha256(linkTextOf(path))}`;
    return contentOf === undefined ? text : `${text} ${(await contentOf(path)) ?? ''}`;
  } catch (error) {
    // EINVAL: it is a link no longer.
    if (isGone(error) || (error as NodeJS.ErrnoException).code === 'EINVAL') return undefined;
    throw error;
  }
}

function largeOf(
  files: readonly FoundFile[],
  largeBytes: number,
): readonly (SizedOrder & { readonly stats: Stats })[] {
  const large = [];
  for (const { path, stats: own, target } of files) {
    const stats = target ?? own;
    const { size: sizeBytes } = stats;
    if (stats.isFile() && sizeBytes >= largeBytes)
      large.push({ path, stats, sizeBytes, follows: target !== undefined });
  }
  return large;
}

/** One file alone is as fast here. */
const areMany = (orders: readonly SizedOrder[], manyBytes: number): boolean =>
  orders.length > 1 && orders.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0) >= manyBytes;

const loadAndHash: typeof hashByWorkers = async (orders, options) =>
  (await import('./hash-workers.ts')).hashByWorkers(orders, options);

const isSame = (known: Known, { size, mtimeMs, ctimeMs, ino }: Stats): boolean =>
  known.size === size && known.mtimeMs === mtimeMs && known.ctimeMs === ctimeMs && known.ino === ino;

/** By columns, which is read in half the time of a list of objects. */
interface Columns {
  readonly format: number;
  readonly paths: readonly string[];
  /** Four of each: size, mtime, ctime, inode. */
  readonly numbers: readonly number[];
  readonly digests: string;
}

/** One that is missing or damaged knows nothing. */
function read(file: string): Map<string, Known> {
  const known = new Map<string, Known>();
  try {
    const { format, paths, numbers, digests } = JSON.parse(readFileSync(file, 'utf8')) as Columns;
    if (
      format !== FORMAT ||
      numbers.length !== 4 * paths.length ||
      digests.length !== DIGEST_LENGTH * paths.length
    )
      return known;
    for (const [index, path] of paths.entries()) {
      const [size = NaN, mtimeMs = NaN, ctimeMs = NaN, ino = NaN] = numbers.slice(4 * index, 4 * index + 4);
      const digest = digests.slice(DIGEST_LENGTH * index, DIGEST_LENGTH * (index + 1));
      known.set(path, { size, mtimeMs, ctimeMs, ino, digest });
    }
    return known;
  } catch {
    return new Map();
  }
}

function write(file: string, known: ReadonlyMap<string, Known>): void {
  const all = [...known.values()];
  const columns: Columns = {
    format: FORMAT,
    paths: [...known.keys()],
    numbers: all.flatMap(({ size, mtimeMs, ctimeMs, ino }) => [size, mtimeMs, ctimeMs, ino]),
    digests: all.map(({ digest }) => digest).join(''),
  };
  const partial = `${file}.${String(process.pid)}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(partial, JSON.stringify(columns), { mode: 0o600 });
    renameSync(partial, file);
  } catch {
    rmSync(partial, { force: true });
  }
}
