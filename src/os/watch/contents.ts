/** Looks at files: what they contain, as far as that is needed to tell whether it has changed. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import type { Content, FileContent } from '../../core/watch/content.ts';
import { bytesOf } from './names.ts';

/** A larger one goes by its size and times. */
export const MOST_HASHED_BYTES = 1024 * 1024;
const HASH_BYTES = 6;

export interface Sight {
  readonly content: Content;
  /** When it was changed last, the link to it included. */
  readonly changedMs: number;
  /** It was written while it was read. */
  readonly isMoving: boolean;
}

const MISSING: Sight = { content: 'missing', changedMs: 0, isMoving: false };

/** Some kernels have time stamps that tick: two changes within it may have the same. */
export const TICK_MS = 10;

/** Larger ones are read by other threads. */
const MOST_AT_ONCE_BYTES = 64 * 1024;
const buffer = Buffer.allocUnsafeSlow(MOST_AT_ONCE_BYTES + 1);

/**
 * The same at once, for a fifth of the CPU time and without a buffer for each file. Undefined: ask `sightOf`. Where a disk is
 * slow, so is this.
 */
export function sightAtOnce(path: string): Sight | undefined {
  let fd: number | undefined;
  try {
    const at = bytesOf(path);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) return MISSING;
    if (!stats.isFile() || stats.size > MOST_AT_ONCE_BYTES) return undefined;
    fd = openSync(at, 'r');
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    const isMoving = !isSame(timesOf(stats), timesOf(fstatSync(fd)));
    return sightIn(stats, hashOf(buffer.subarray(0, length)), isMoving);
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What is neither file nor link counts as missing. `known`: not read again if its size and times are the same. */
export async function sightOf(path: string, known?: FileContent | null): Promise<Sight> {
  const at = bytesOf(path);
  const own = await lstat(at).catch(nothing);
  if (own === undefined) return MISSING;
  if (!own.isSymbolicLink()) return own.isFile() ? sightOfFile(at, own, known) : MISSING;
  const target = await stat(at).catch(nothing);
  if (target?.isFile() === true) return ofLink(await sightOfFile(at, target), own);
  const text = await readlink(at, { encoding: 'buffer' }).catch(nothing);
  if (text === undefined) return MISSING;
  const content = { ...timesOf(own), hash: hashOf(text) };
  return ofLink({ content, changedMs: own.ctimeMs, isMoving: false }, own);
}

/** Its times say nothing: they are those of one target or another. */
function ofLink({ content, changedMs, isMoving }: Sight, own: Stats): Sight {
  const hashed = typeof content === 'object' ? { ...content, ctimeMs: NaN } : content;
  return { content: hashed, changedMs: Math.max(changedMs, own.ctimeMs), isMoving };
}

async function sightOfFile(at: string | Buffer, stats: Stats, known?: FileContent | null): Promise<Sight> {
  const times = timesOf(stats);
  const changedMs = stats.ctimeMs;
  if (known != null && known.hash !== null && isSame(known, times))
    return { content: known, changedMs, isMoving: false };
  if (times.size > MOST_HASHED_BYTES)
    return { content: { ...times, hash: null }, changedMs, isMoving: false };
  const sinceMs = Date.now();
  const bytes = await readFile(at).catch(nothing);
  const after = await stat(at).catch(nothing);
  const isMoving = after === undefined || !isSame(times, timesOf(after));
  return sightIn(stats, bytes === undefined ? null : hashOf(bytes), isMoving, sinceMs);
}

/** `sinceMs`: when reading began. */
function sightIn(stats: Stats, hash: number | null, isMoving: boolean, sinceMs = Date.now()): Sight {
  const { size, mtimeMs, ctimeMs } = stats;
  const isFresh = sinceMs - ctimeMs < TICK_MS;
  const content = { size, mtimeMs, ctimeMs: isFresh ? NaN : ctimeMs, hash };
  return { content, changedMs: ctimeMs, isMoving };
}

type Times = Omit<FileContent, 'hash'>;

export const timesOf = ({ size, mtimeMs, ctimeMs }: Stats): Times => ({ size, mtimeMs, ctimeMs });

export const isSame = (a: Times, b: Times): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;

/** 48 bits are enough to compare a file with itself, and a number takes less memory than a text. */
const hashOf = (bytes: Buffer): number => createHash('sha1').update(bytes).digest().readUIntBE(0, HASH_BYTES);

const nothing = (): undefined => undefined;
