/** Before all tests: what is tested end to end is what was built, and what was built is what stands in src. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const SOURCES = ['src', 'scripts', 'package.json'];

export function setup(): void {
  if (builtAtMs() >= Math.max(...SOURCES.map((name) => newestMs(join(PROJECT, name))))) return;
  // On a busy machine this takes more than a minute, in which nothing else is printed.
  process.stderr.write('building dist/, which is older than the sources ...\n');
  execFileSync(process.execPath, [join(PROJECT, 'scripts/build.js')], { cwd: PROJECT, stdio: 'inherit' });
}

/** The last thing that the build makes; 0 where nothing was built. */
function builtAtMs(): number {
  return statSync(join(PROJECT, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestMs(path: string): number {
  const { mtimeMs, isDirectory } = entry(path);
  if (!isDirectory) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

function entry(path: string): { readonly mtimeMs: number; readonly isDirectory: boolean } {
  const stats = statSync(path);
  return { mtimeMs: stats.mtimeMs, isDirectory: stats.isDirectory() };
}
