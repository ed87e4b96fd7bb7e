// Of which commit the build is that is measured, and builds of other commits.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** What makes the build and the bench: a figure is not of a commit while these differ from it. */
const SOURCES = ['bin', 'src', 'scripts', 'bench', 'package.json', 'package-lock.json'];

/** Builds what stands here. @returns {string} its commit @throws {Error} if something has not been committed */
export function buildCommitted() {
  const changed = git('status', '--porcelain', '--', ...SOURCES);
  if (changed) throw new Error(`published figures are of a commit; commit these first:\n${changed}`);
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return git('rev-parse', '--short=8', 'HEAD');
}

/**
 * @param {string} place  a directory with a build, or a commit, which is built below node_modules/.cache once
 * @returns {string} the directory
 */
export function buildOf(place) {
  if (existsSync(join(place, 'bin', 'procsup.js'))) return resolve(place);
  let commit;
  try {
    commit = git('rev-parse', '--verify', '--quiet', `${place}^{commit}`);
  } catch {
    throw new Error(`"${place}" is neither a directory with a build nor a commit`);
  }
  const made = join(root, 'node_modules', '.cache', 'procsup-bench', commit);
  if (!existsSync(made)) makeBuild(commit, made);
  return made;
}

/** It gets its name when it is whole. */
function makeBuild(commit, made) {
  const making = `${made}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  try {
    const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 30 });
    execFileSync('tar', ['-x', '-C', making], { input: archive });
    for (const args of [['ci'], ['run', 'build']])
      execFileSync('npm', ['--silent', ...args], { cwd: making, stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(making, made);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** @returns {string | undefined} the commit of the last release */
export function lastRelease() {
  try {
    return git('describe', '--tags', '--match', 'v*', '--abbrev=0');
  } catch {
    return undefined;
  }
}
