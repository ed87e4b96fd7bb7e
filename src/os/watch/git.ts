/** What git says: whether it is at work, and which files it ignores. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isWithin } from '../../core/watch/scope.ts';
import type { Repository } from '../../ports/tree-watcher.ts';

const AT_WORK = ['index.lock', 'rebase-merge', 'rebase-apply'];
const PATIENCE_MS = 10_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

export function createRepository(): Repository {
  return {
    isBusy(bases) {
      const directories = new Set(bases.flatMap((base) => gitDirectoryOf(base) ?? []));
      return [...directories].some((directory) => AT_WORK.some((name) => existsSync(join(directory, name))));
    },
    async ignored(bases, paths) {
      const all = await Promise.all(bases.map((base) => ignoredBelow(base, paths)));
      return new Set(all.flat());
    },
  };
}

/** Whoever watches what is ignored means it. */
async function ignoredBelow(base: string, paths: readonly string[]): Promise<readonly string[]> {
  const own = paths.filter((path) => isWithin(base, path));
  if (own.length === 0) return [];
  const ignored = await ignoredOf(directoryAbove(base), [base, ...own]);
  return ignored.has(base) ? [] : own.filter((path) => ignored.has(path));
}

/** In a worktree `.git` is a file that names the directory. */
function gitDirectoryOf(path: string): string | undefined {
  for (let directory = path; ; directory = dirname(directory)) {
    const own = join(directory, '.git');
    try {
      if (statSync(own).isDirectory()) return own;
      const named = /^gitdir: (.+)$/m.exec(readFileSync(own, 'utf8'))?.[1];
      return named === undefined ? undefined : resolve(directory, named);
    } catch {
      if (directory === dirname(directory)) return undefined;
    }
  }
}

function directoryAbove(path: string): string {
  let directory = path;
  while (!isDirectory(directory)) directory = dirname(directory);
  return directory;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Without git, or outside of a repository, none. It exits with 1 where it ignores none. */
function ignoredOf(cwd: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  return new Promise((done) => {
    const git = execFile(
      'git',
      ['check-ignore', '-z', '--stdin'],
      { cwd, timeout: PATIENCE_MS, maxBuffer: MOST_OUTPUT_BYTES },
      (error, stdout) => done(error === null ? new Set(stdout.split('\0')) : new Set()),
    );
    git.stdin?.on('error', () => undefined);
    git.stdin?.end(paths.join('\0'));
  });
}
