/**
 * Digests of files, which are read again only where size, times or inode differ from when they were hashed. What is known is kept in
 * a file, by the working directory of the tasks.
 *
 * A file that was changed within the tick of time stamps in which it was hashed may be changed once more and look the same. As in
 * git, what is known of it is not trusted: it is not even kept.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { hashFile, linkTextOf, sha256 } from './hash.ts';
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

interface Known {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly digest: string;
}

const FORMAT = 1;
const DIGEST_LENGTH = 64;
/** Kernels stamp files by a clock that ticks, each 10 ms at most; some file systems keep whole seconds only, FAT every second one. */
const TICK_MS = 20;
const COARSE_TICK_MS = 2_000;
const EXECUTABLE = 0o111;
/** Of files that no task of this run has asked for. */
const MOST_UNASKED = 20_000;

export function openDigests(file: string): Digests {
  let known: Map<string, Known> | undefined;
  const asked = new Set<string>();
  let isChanged = false;
  const all = (): Map<string, Known> => (known ??= read(file));

  const contentOf = async (path: string, stats: Stats, follows: boolean): Promise<string | undefined> => {
    asked.add(path);
    const before = all().get(path);
    if (before !== undefined && isSame(before, stats)) return before.digest;
    const beganMs = Date.now();
    try {
      const hashed = await hashFile(path, { follows });
      isChanged = true;
      if (hashed.isMoving || hashed.stats.ctimeMs > beganMs - tickOf(hashed.stats)) all().delete(path);
      else all().set(path, knownOf(hashed.stats, hashed.digest));
      return hashed.digest;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  };

  return {
    async of(files, signal) {
      const digests = new Map<string, string>();
      const slice = createSlice(signal);
      for (const { path, stats, target } of files) {
        const digest = stats.isSymbolicLink()
          ? await linkDigest(path, target && ((at) => contentOf(at, target, true)))
          : marked(await contentOf(path, stats, false), stats);
        if (digest !== undefined) digests.set(path, digest);
        if (slice.isOver()) await slice.rest();
      }
      return digests;
    },
    contentOf: (path, stats) => contentOf(path, stats, false),
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

const isSame = (known: Known, { size, mtimeMs, ctimeMs, ino }: Stats): boolean =>
  known.size === size && known.mtimeMs === mtimeMs && known.ctimeMs === ctimeMs && known.ino === ino;

const knownOf = ({ size, mtimeMs, ctimeMs, ino }: Stats, digest: string): Known => ({
  ...{ size, mtimeMs, ctimeMs, ino },
  digest,
});

const tickOf = ({ ctimeMs }: Stats): number => (ctimeMs % 1000 === 0 ? COARSE_TICK_MS : TICK_MS);

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
