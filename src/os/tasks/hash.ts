/** SHA-256 of files, read through one buffer. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { bytesOf } from '../watch/names.ts';
import { createSlice } from './slice.ts';

export interface HashedFile {
  readonly digest: string;
  readonly stats: Stats;
  /** It was written while it was read, each time. */
  readonly isMoving: boolean;
}

const BUFFER_BYTES = 256 * 1024;
/** A file that is written while it is read is read again so often. */
const MOST_TRIES = 3;

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** The digest of nothing. */
export const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const short = new Map<string, string>();
const SHORT_LENGTH = 64;
const MOST_SHORT = 1_000;

/** Of what many tasks have in common: a command, a variable. */
export function sha256OfText(text: string): string {
  if (text.length > SHORT_LENGTH) return sha256(text);
  const known = short.get(text);
  if (known !== undefined) return known;
  const digest = sha256(text);
  if (short.size < MOST_SHORT) short.set(text, digest);
  return digest;
}

let buffer: Buffer | undefined;

/** Follows no link unless `follows`. Rejects with the system's error. */
export async function hashFile(path: string, { follows = false } = {}): Promise<HashedFile> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(bytesOf(path), O_RDONLY | O_NONBLOCK | (follows ? 0 : O_NOFOLLOW));
  try {
    for (let tries = 1; ; tries += 1) {
      const before = fstatSync(fd);
      const digest = await digestOf(fd, before.size);
      const stats = fstatSync(fd);
      const isMoving = !isSame(before, stats);
      if (!isMoving || tries === MOST_TRIES) return { digest, stats, isMoving };
    }
  } finally {
    closeSync(fd);
  }
}

/** Small ones at once, for a wait costs more than they do. */
async function digestOf(fd: number, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  const shared = (buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES));
  // Others hash into it while this one rests: what was read is hashed before.
  const slice = sizeBytes > BUFFER_BYTES ? createSlice() : undefined;
  for (let at = 0; ;) {
    const length = readSync(fd, shared, 0, BUFFER_BYTES, at);
    if (length === 0) return hash.digest('hex');
    hash.update(shared.subarray(0, length));
    at += length;
    if (slice?.isOver() === true) await slice.rest();
  }
}

export const isSame = (one: Stats, other: Stats): boolean =>
  one.size === other.size &&
  one.mtimeMs === other.mtimeMs &&
  one.ctimeMs === other.ctimeMs &&
  one.ino === other.ino;

export const linkTextOf = (path: string): Buffer => readlinkSync(bytesOf(path), { encoding: 'buffer' });
