/** What git itself says of real repositories. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRepository } from '../../../src/os/watch/git.ts';
import { homeScratch } from '../../helpers/home-scratch.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;
if (!hasGit) console.warn('no git here: nothing is asked of it');

const NOBODY = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.org'];

function repository(files: Readonly<Record<string, string>>) {
  const root = homeScratch();
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', [...NOBODY, ...args], { cwd: root, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const ignored = async (
    bases: readonly string[],
    ...paths: readonly string[]
  ): Promise<readonly string[]> => {
    const all = paths.map((path) => join(root, path));
    const found = await createRepository().ignored(
      bases.map((base) => join(root, base)),
      all,
    );
    return paths.filter((path) => found.has(join(root, path)));
  };
  return { root, git, ignored };
}

describe.skipIf(!hasGit)('what a repository ignores', () => {
  test('a nested .gitignore wins over an outer one, and may take back what that ignores', async () => {
    const { ignored } = repository({
      '.gitignore': '*.out\n/top\nlost/\n',
      'sub/.gitignore': '!kept.out\nown\n',
    });
    const paths = [
      'a.out',
      'sub/a.out',
      'sub/kept.out',
      'sub/own',
      'own',
      'top',
      'sub/top',
      'lost/x',
      'src/a',
    ];
    expect(await ignored([''], ...paths)).toEqual(['a.out', 'sub/a.out', 'sub/own', 'top', 'lost/x']);
  });

  test('what lies in an ignored directory cannot be taken back', async () => {
    const { ignored } = repository({
      '.gitignore': 'lost/\n!lost/kept\n',
      'lost/kept': '',
      'lost/other': '',
    });
    expect(await ignored([''], 'lost/kept', 'lost/other')).toEqual(['lost/kept', 'lost/other']);
  });

  test('.git/info/exclude counts as well', async () => {
    const { root, ignored } = repository({});
    mkdirSync(join(root, '.git/info'), { recursive: true });
    writeFileSync(join(root, '.git/info/exclude'), 'mine\n');
    expect(await ignored([''], 'mine', 'sub/mine', 'yours')).toEqual(['mine', 'sub/mine']);
  });

  test('a file that git tracks is never ignored', async () => {
    const { root, git, ignored } = repository({ 'src/a.gen': '', 'src/b.gen': '' });
    git('add', 'src/a.gen');
    writeFileSync(join(root, '.gitignore'), '*.gen\n');
    expect(await ignored([''], 'src/a.gen', 'src/b.gen')).toEqual(['src/b.gen']);
  });

  test('what is watched by its name is not ignored, though the repository ignores it', async () => {
    const { ignored } = repository({ '.gitignore': 'dist/\n*.gen\n', 'dist/a': '', 'src/a.gen': '' });
    expect(await ignored(['dist'], 'dist/a')).toEqual([]);
    expect(await ignored(['dist', 'src'], 'dist/a', 'src/a.gen')).toEqual(['src/a.gen']);
  });

  test('names with blanks, quotes, newlines and other letters', async () => {
    const names = ['a b.out', 'q"uote.out', 'new\nline.out', 'größe.out'];
    const { ignored } = repository({ '.gitignore': '*.out\n' });
    expect(await ignored([''], ...names, 'plain')).toEqual(names);
  });

  test('ten thousand paths are one question', async () => {
    const { ignored } = repository({ '.gitignore': '*.out\n' });
    const paths = Array.from(
      { length: 10_000 },
      (_, at) => `src/${String(at)}.${at % 2 === 0 ? 'out' : 'in'}`,
    );
    expect(await ignored([''], ...paths)).toHaveLength(5_000);
  });

  test('outside of a repository nothing is', async () => {
    const root = homeScratch({ '.gitignore': '*\n', a: '' });
    rmSync(join(root, '.git'), { recursive: true, force: true });
    expect(await createRepository().ignored([root], [join(root, 'a')])).toEqual(new Set());
  });
});

describe.skipIf(!hasGit)('whether git is at work', () => {
  test.each(['index.lock', 'rebase-merge', 'rebase-apply'])('%s says so', (name) => {
    const { root } = repository({ 'src/deep/a': '' });
    const own = createRepository();
    expect(own.isBusy([join(root, 'src/deep')])).toBe(false);
    writeFileSync(join(root, '.git', name), '');
    expect(own.isBusy([join(root, 'src/deep')])).toBe(true);
  });

  test('so it does in a worktree, whose .git is a file', () => {
    const { root, git } = repository({ a: '1' });
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('worktree', 'add', '-q', 'tree');
    const own = createRepository();
    expect(own.isBusy([join(root, 'tree')])).toBe(false);
    writeFileSync(join(root, '.git/worktrees/tree/index.lock'), '');
    expect(own.isBusy([join(root, 'tree')])).toBe(true);
    expect(own.isBusy([root])).toBe(false);
  });

  test('a rebase that has stopped at a conflict is at work until it is given up', () => {
    const { root, git } = repository({ a: '1\n' });
    const commit = (text: string): void => {
      writeFileSync(join(root, 'a'), text);
      git('commit', '-qam', text.trim());
    };
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'other');
    commit('2\n');
    git('checkout', '-q', 'main');
    commit('3\n');
    expect(() => git('rebase', '-q', 'other')).toThrow();
    const own = createRepository();
    expect(own.isBusy([root])).toBe(true);
    git('rebase', '--abort');
    expect(own.isBusy([root])).toBe(false);
  });
});
