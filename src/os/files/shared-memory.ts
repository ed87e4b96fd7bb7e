/**
 * Makes the files of shared memory. All of a file is written before it has its name: a file with holes would let a
 * program die of SIGBUS when the file system is full, long after its size was promised.
 */
import { constants, unlinkSync } from 'node:fs';
import { open, rename, statfs, type FileHandle } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import {
  sizeFor,
  whyNoRoom,
  type SharedMemoryProblem,
  type SharedMemoryRoom,
} from '../../core/shared-memory.ts';
import { makePrivateDirectory } from './private-directory.ts';
import { isInMemory } from './shared-memory-place.ts';

export interface SharedMemoryOrder {
  /** Undefined: as many as the file has. */
  readonly bytes?: number | undefined;
  /** Absolute path of a file with which it begins. */
  readonly from?: string | undefined;
}

export interface SharedMemoryFile {
  readonly path: string;
  readonly bytes: number;
}

/** Between two pieces others have their turn. */
const PIECE_BYTES = 1024 * 1024;

/** `signal`: it is not wanted any more. The directory is made, or must be private. */
export async function makeSharedMemory(
  directory: string,
  name: string,
  { bytes: asked, from }: SharedMemoryOrder,
  signal: AbortSignal,
): Promise<SharedMemoryFile | SharedMemoryProblem> {
  let source: FileHandle | undefined;
  try {
    source = from === undefined ? undefined : await openSource(from);
    const stats = await source?.stat();
    if (stats !== undefined && !stats.isFile()) return notRegular(from ?? '');
    const bytes = sizeFor(name, asked, stats && { path: from ?? '', bytes: stats.size });
    if (typeof bytes !== 'number') return bytes;
    makePrivateDirectory(directory);
    const noRoom = whyNoRoom(name, bytes, await roomIn(directory));
    if (noRoom !== undefined) return noRoom;
    return await fill({ directory, name, bytes, source }, signal);
  } catch (error) {
    return problemOf(error as NodeJS.ErrnoException, name, from);
  } finally {
    await source?.close().catch(() => undefined);
  }
}

/** O_NONBLOCK: to open a FIFO waits for its writer. */
async function openSource(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw Object.assign(error as Error, { isOfSource: true });
  }
}

const notRegular = (path: string): SharedMemoryProblem => ({
  code: 'invalid-file',
  message: `cannot read '${path}': it is not a regular file`,
});

async function roomIn(directory: string): Promise<SharedMemoryRoom> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return {
    place: directory.slice(0, directory.lastIndexOf('/')),
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    ...(isInMemory(directory) && { memoryBytes: availableMemory() }),
  };
}

/**
 * What a container has left is not known: its pages in the cache count as used. So its limit alone is looked at.
 */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, freemem()) : freemem();
}

interface Filling {
  readonly directory: string;
  readonly name: string;
  readonly bytes: number;
  readonly source: FileHandle | undefined;
}

async function fill(
  { directory, name, bytes, source }: Filling,
  signal: AbortSignal,
): Promise<SharedMemoryFile | SharedMemoryProblem> {
  const path = join(directory, name);
  // No name has a dot in it.
  const unfinished = `${path}.new`;
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await writeAll(file, bytes, source, signal);
    if (signal.aborted) throw new Aborted();
    await rename(unfinished, path);
    return { path, bytes };
  } catch (error) {
    unlinkSync(unfinished);
    if (error instanceof Aborted) return { code: 'closing', message: 'the supervisor is stopping' };
    // Somebody else was faster.
    const room = isFull(error) ? whyNoRoom(name, bytes, await roomIn(directory)) : undefined;
    if (room !== undefined) return room;
    throw error;
  } finally {
    await file.close();
  }
}

class Aborted extends Error {}

const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

async function writeAll(
  file: FileHandle,
  bytes: number,
  source: FileHandle | undefined,
  signal: AbortSignal,
): Promise<void> {
  const piece = Buffer.alloc(Math.min(bytes, PIECE_BYTES));
  let left = source;
  for (let at = 0; at < bytes && !signal.aborted;) {
    const most = Math.min(piece.length, bytes - at);
    // A file that has become shorter meanwhile is followed by zeros, like one that was shorter from the start.
    const read = left === undefined ? 0 : (await left.read(piece, 0, most, at)).bytesRead;
    if (left !== undefined && read === 0) {
      left = undefined;
      piece.fill(0);
    }
    const { bytesWritten } = await file.write(piece, 0, read === 0 ? most : read, at);
    at += bytesWritten;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EMFILE: 'too many open files',
};

function problemOf(
  error: NodeJS.ErrnoException & { readonly isOfSource?: true },
  name: string,
  from = '',
): SharedMemoryProblem {
  const reason = REASONS[error.code ?? ''] ?? error.message;
  return error.isOfSource === true
    ? { code: 'invalid-file', message: `cannot read '${from}': ${reason}` }
    : { code: 'system', message: `cannot create shared memory '${name}': ${reason}` };
}
