/**
 * Writes what V8 has compiled for the next run of the same command (see code-cache.ts). It comes at the end of a run, so
 * whatever goes wrong is silent and changes nothing: a home that is full, read-only or not ours, others that do the same at
 * this moment.
 */
import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { aligned, type CacheHead, type CodeCache } from './code-cache.ts';
import { isBelowOurs, writeOwnFile } from './own-file.ts';
import { makePrivateDirectory } from './private-directory.ts';

/** There are some 20 commands, of half a megabyte each. */
const MOST_FILES = 32;
const CACHE = /\.cache$/;
const UNFINISHED = /\.cache\.\d+$/;
const ABANDONED_MS = 3_600_000;

export function keepCode(directory: string, name: string, cache: CodeCache): void {
  try {
    if (!isBelowOurs(directory)) return;
    makePrivateDirectory(directory);
    writeOwnFile(join(directory, name), serialized(cache), { isSynced: true });
    removeOld(directory);
  } catch {
    // The next run compiles as this one did.
  }
}

function serialized({ runs, chunks }: CodeCache): Buffer {
  const head: CacheHead = {
    runs,
    chunks: [...chunks].map(([name, { source, code }]) => [name, source, code.length]),
  };
  return joined([Buffer.from(`${JSON.stringify(head)}\n`), ...[...chunks.values()].map(({ code }) => code)]);
}

/** Of one chunk, for all who install our package. */
export const shippedCache = (source: Buffer, code: Buffer): Buffer => joined([source, code]);

const joined = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.concat([part], aligned(part.length))));

function removeOld(directory: string): void {
  const files = readdirSync(directory).flatMap((name) => {
    const stats = lstatSync(join(directory, name), { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ path: join(directory, name), wallMs: stats.mtimeMs }];
  });
  const caches = files.filter(({ path }) => CACHE.test(path)).sort((a, b) => b.wallMs - a.wallMs);
  const abandoned = files.filter(
    ({ path, wallMs }) => UNFINISHED.test(path) && wallMs < Date.now() - ABANDONED_MS,
  );
  for (const { path } of [...caches.slice(MOST_FILES), ...abandoned]) unlinkSync(path);
}
