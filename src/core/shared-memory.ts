/** Shared memory: files that programs map. Its names, and what is wrong with a request, in words. Pure. */
import { formatSize } from '../text/size.ts';

/** One that exists. */
export interface SharedMemoryRecord {
  readonly name: string;
  /** Of the file, absolute. */
  readonly path: string;
  readonly bytes: number;
  /** By which processes that are started from now on find the path. */
  readonly variable: string;
  /** ISO time of its creation. */
  readonly since: string;
}

export type SharedMemoryCode =
  'exists' | 'missing' | 'no-room' | 'invalid-size' | 'invalid-file' | 'closing' | 'system';

/** Why it is not done. */
export interface SharedMemoryProblem {
  readonly code: SharedMemoryCode;
  readonly message: string;
  readonly remedy?: string;
}

/** `PROCSUP_SHM_MY_FRAMES` for `my-frames`. */
export function sharedMemoryVariable(name: string): string {
  return `PROCSUP_SHM_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** `existing`: the names of all that there are, and of those that are being made. */
export function whyNotNew(name: string, existing: Iterable<string>): SharedMemoryProblem | undefined {
  const variable = sharedMemoryVariable(name);
  for (const other of existing) {
    if (other === name) {
      const remedy = `remove it with 'procsup shm rm ${name}', or use another name`;
      return { code: 'exists', message: `shared memory '${name}' already exists`, remedy };
    }
    if (sharedMemoryVariable(other) === variable) {
      const message = `shared memory '${name}' would have the variable ${variable} of '${other}'`;
      return { code: 'exists', message, remedy: 'use another name' };
    }
  }
  return undefined;
}

export const unknownSharedMemory = (name: string): SharedMemoryProblem => ({
  code: 'missing',
  message: `unknown shared memory '${name}'`,
  remedy: "list what exists with 'procsup shm ls'",
});

/** Bytes that are there for it. */
export interface SharedMemoryRoom {
  /** The directory of the file. */
  readonly place: string;
  /** Of its file system. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Of the machine or container; undefined where the file system is not memory, or nobody can tell. */
  readonly memoryBytes?: number | undefined;
}

export function whyNoRoom(
  name: string,
  bytes: number,
  { place, freeBytes, totalBytes, memoryBytes = Infinity }: SharedMemoryRoom,
): SharedMemoryProblem | undefined {
  const what = `cannot create shared memory '${name}' of ${formatSize(bytes)}`;
  if (bytes > freeBytes) {
    const message = `${what}: ${place} has ${rounded(freeBytes)} free of ${rounded(totalBytes)}`;
    return {
      code: 'no-room',
      message,
      remedy: "remove some with 'procsup shm rm', or make it larger (docker run --shm-size)",
    };
  }
  if (bytes <= memoryBytes) return undefined;
  return { code: 'no-room', message: `${what}: ${rounded(memoryBytes)} of memory are available` };
}

const UNITS = ['GiB', 'MiB', 'KiB'] as const;

/** For people: one digit after the point. */
function rounded(bytes: number): string {
  for (const [at, unit] of UNITS.entries()) {
    const size = bytes / 1024 ** (UNITS.length - at);
    if (size >= 1) return `${String(Math.round(size * 10) / 10)} ${unit}`;
  }
  return `${String(bytes)} bytes`;
}

/** `bytes`: what was asked for; undefined where a file alone says how many. */
export function sizeFor(
  name: string,
  bytes: number | undefined,
  from: { readonly path: string; readonly bytes: number } | undefined,
): number | SharedMemoryProblem {
  const size = bytes ?? from?.bytes ?? 0;
  if (size === 0) {
    const message =
      bytes === undefined && from !== undefined
        ? `cannot create shared memory '${name}' of an empty file: '${from.path}'`
        : `cannot create shared memory '${name}' of 0 bytes`;
    return { code: 'invalid-size', message, remedy: 'use a size such as 64KiB' };
  }
  if (from !== undefined && from.bytes > size) {
    const message = `'${from.path}' does not fit into shared memory '${name}' (${formatSize(from.bytes)}, and ${formatSize(size)})`;
    return { code: 'invalid-size', message, remedy: 'leave the size out to take that of the file' };
  }
  return size;
}
