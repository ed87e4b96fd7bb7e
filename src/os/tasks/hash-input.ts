/**
 * The digest of a file with what it is known by. A file that was changed within the tick of time stamps in which it was hashed may
 * be changed once more and look the same: it is not settled.
 */
import type { Stats } from 'node:fs';
import { hashFile } from './hash.ts';

export interface HashOrder {
  readonly path: string;
  readonly follows: boolean;
}

/** What tells that a file is the same as before. */
export interface Identity {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

export interface HashedInput extends Identity {
  readonly digest: string;
  readonly isSettled: boolean;
}

/** Kernels stamp files by a clock that ticks, each 10 ms at most; some file systems keep whole seconds only, FAT every second one. */
const TICK_MS = 20;
const COARSE_TICK_MS = 2_000;

/** Rejects with the system's error. */
export async function hashInput({ path, follows }: HashOrder): Promise<HashedInput> {
  const beganMs = Date.now();
  const { digest, stats, isMoving } = await hashFile(path, { follows });
  const { size, mtimeMs, ctimeMs, ino } = stats;
  const isSettled = !isMoving && ctimeMs <= beganMs - tickOf(stats);
  return { ...{ size, mtimeMs, ctimeMs, ino }, digest, isSettled };
}

const tickOf = ({ ctimeMs }: Stats): number => (ctimeMs % 1000 === 0 ? COARSE_TICK_MS : TICK_MS);
