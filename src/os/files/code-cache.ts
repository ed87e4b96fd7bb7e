/**
 * What V8 compiled in earlier runs, so that a start does not compile it again: 25 to 32 ms of a `start`, 8 to 15 of a `ps`.
 *
 * V8 takes its own cache only with the same version and flags, to the build, so each user's Node makes one at the end of a
 * run that has had to compile (keep-code.ts). Beyond that V8 checks only the length of the source: it would run the
 * code of another source of that length, and code that is damaged crashes it. So a cache is believed only
 * - if nobody but this user can have written it: it is code;
 * - if it has all its bytes; it was on disk before it had its name;
 * - for a file that has not been touched since. What a package brings along has no such file, so it holds the source.
 *
 * A file holds the chunks of one command, or those that a start loads while its programs run: a line of JSON, then the code of each. The first run may have been `--help` or
 * have done little else, so the first few each add what they had to compile.
 */
import { readFileSync, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fnv1a } from '../../text/hash.ts';
import { readOwnFile } from './own-file.ts';
import { whyNotPrivate } from './private-directory.ts';

export interface CompiledChunk {
  /** Of its source, by `sourceIdentity`. */
  readonly source: string;
  /** As `Script.createCachedData` made it. */
  readonly code: Buffer;
}

export interface CodeCache {
  /** How many have added to it. */
  readonly runs: number;
  /** By name. */
  readonly chunks: ReadonlyMap<string, CompiledChunk>;
}

/** The first line of a file, as JSON. */
export interface CacheHead {
  readonly runs: number;
  readonly chunks: readonly (readonly [name: string, source: string, codeBytes: number])[];
}

const NONE: CodeCache = { runs: 0, chunks: new Map() };
const LARGEST_BYTES = 16 * 1024 * 1024;
const NEWLINE = 10;

/** Undefined where there is none: no HOME. By the XDG Base Directory Specification a relative path is ignored. */
export function codeCacheDirectory({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string | undefined {
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'procsup');
  return HOME !== undefined && isAbsolute(HOME) ? join(HOME, '.cache/procsup') : undefined;
}

/** Of one command, of one installation, with one Node and its flags: any other's would be refused, and made anew each time. */
export function codeCacheName(command: string, installation: string): string {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  const key = hash([installation, ...flags].join('\0'));
  return `${command}-${process.versions.v8}-${process.arch}-${key}.cache`;
}

/** Two that have the same by chance only make their caches in turn. */
const hash = (text: string): string => fnv1a(text).toString(16).padStart(8, '0');

/** Changes with each change of the file, also one that puts its old time back. */
export const sourceIdentity = ({ size, mtimeMs, ctimeMs }: Stats): string =>
  [size, mtimeMs, ctimeMs].join(' ');

/** From a directory that is private to `uid`. Empty for whatever cannot be believed. Never throws. */
export function readPrivateCache(directory: string, name: string, uid = process.geteuid?.()): CodeCache {
  try {
    return whyNotPrivate(directory) === undefined
      ? parseCache(readOwnFile(join(directory, name), LARGEST_BYTES, uid))
      : NONE;
  } catch {
    return NONE;
  }
}

/** Empty where something is missing. */
function parseCache(bytes: Buffer): CodeCache {
  const headEnd = bytes.indexOf(NEWLINE);
  if (headEnd < 0) return NONE;
  const { runs, chunks } = JSON.parse(bytes.toString('latin1', 0, headEnd)) as CacheHead;
  const found = new Map<string, CompiledChunk>();
  let at = aligned(headEnd + 1);
  for (const [name, source, codeBytes] of chunks) {
    found.set(name, { source, code: bytes.subarray(at, at + codeBytes) });
    at = aligned(at + codeBytes);
  }
  return at === bytes.length ? { runs, chunks: found } : NONE;
}

/** V8 copies what does not begin at a whole word. */
export const aligned = (offset: number): number => (offset + 7) & ~7;

/** Of one chunk of our own package, as `shippedCache` of keep-code.ts made it: the source, then the code. Undefined where there is none. */
export function readShippedCache(path: string, source: Buffer): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const isOfSource = bytes.subarray(0, source.length).equals(source);
    return isOfSource ? bytes.subarray(aligned(source.length)) : undefined;
  } catch {
    return undefined;
  }
}
