import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** A private directory for FIFOs, and how it was when it was made. */
export interface FifoDirectory {
  readonly path: string;
  readonly uid: number;
  readonly mode: number;
}

/** 0700, where there is room: a full /tmp must not keep anybody from starting. Throws the system's error where there is none. */
export function makeFifoDirectory(): FifoDirectory {
  const places = [tmpdir(), process.env['XDG_RUNTIME_DIR'], '/dev/shm', '/tmp'].filter(
    (place) => place !== undefined,
  );
  let failure: unknown;
  for (const place of places) {
    try {
      return asItIs(mkdtempSync(join(place, 'procsup-')));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** Those who tidy up /tmp remove what has not changed for days; then another user may take the name. */
export function isIntact({ path, uid, mode }: FifoDirectory): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === uid && stats.mode === mode;
}

/** The directory to go on with: made again in its place, which the guardian knows, or else in another one. */
export function keepFifoDirectory(directory: FifoDirectory): FifoDirectory {
  if (isIntact(directory)) return directory;
  try {
    mkdirSync(directory.path, { mode: 0o700 });
    return asItIs(directory.path);
  } catch {
    // The name is taken, or its parent is gone as well.
    return makeFifoDirectory();
  }
}

function asItIs(path: string): FifoDirectory {
  const { uid, mode } = lstatSync(path);
  return { path, uid, mode };
}

/** What cannot be removed is the guardian's: it looks once more when we are gone. */
export function removeFifoDirectory(path: string): void {
  try {
    for (const name of namesIn(path)) unlinkSync(join(path, name));
    rmdirSync(path);
  } catch {
    return;
  }
}

/** Where no descriptor is free it cannot be read; nothing could be made in it either, then. */
function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/**
 * The directory of a supervisor that was killed together with its guardian. A lock file names it, and that may be damaged or
 * forged: nothing is removed but FIFOs of ours with our names, and the directory if it is empty then.
 */
export function removeOrphanedFifos(path: string): void {
  if (!/^procsup-[A-Za-z0-9]{6}$/.test(basename(path))) return;
  try {
    if (!lstatSync(path).isDirectory()) return;
    for (const name of readdirSync(path)) {
      const file = join(path, name);
      if (/^\d+$/.test(name) && lstatSync(file).isFIFO()) unlinkSync(file);
    }
    rmdirSync(path);
  } catch {
    return;
  }
}

/** In one line: mkfifo(1) complains of each path. */
export function fifoProblem(complaints: string, directory: string): Error {
  const [first = ''] = complaints.trim().split('\n');
  const reason = /: ([^:]+)$/.exec(first)?.[1] ?? first;
  return new Error(`cannot make pipes in '${directory}': ${reason}`);
}
