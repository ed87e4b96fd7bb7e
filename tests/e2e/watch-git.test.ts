/** A watch while a real git changes files. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { homeBase } from '../helpers/home-scratch.ts';

process.env['TMPDIR'] = homeBase();

const hasGit = spawnSync('git', ['--version']).status === 0;
const NOBODY = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.org'];
const FILES = 5_000;

function inRepository(watch: string, files: Readonly<Record<string, string>> = {}) {
  const app = project('web: true', {
    files: {
      'src/a': '1\n',
      'procsup.yaml': `processes:\n  web: { command: exec sleep infinity, watch: ${watch} }\n`,
      ...files,
    },
  });
  rmSync(join(app.root, 'Procfile'));
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', [...NOBODY, ...args], { cwd: app.root, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  git('add', 'src', 'procsup.yaml');
  git('commit', '-qm', 'first');
  return { app, git };
}

const restarts = (app: Project): readonly string[] =>
  [...app.daemonLog().matchAll(/restarting web\.1: (.*)/g)].map(([, text = '']) => text);

/** What comes before the new run begins is not for it. */
async function restarted(app: Project, times: number): Promise<void> {
  await until(() => restarts(app).length >= times, `it is restarted ${String(times)} times`);
  await until(
    () => (app.daemonLog().match(/web\.1 started/g)?.length ?? 0) > restarts(app).length,
    'it runs',
  );
}

async function isWatched(app: Project): Promise<void> {
  let at = 0;
  await until(() => {
    if ((at += 1) % 100 === 1) app.write('src/watched', String(at));
    return restarts(app).length > 0;
  }, 'it is watched');
  await restarted(app, 1);
}

/** A save that comes after everything else: what comes before it is one restart. */
async function restartsUntilSave(app: Project): Promise<readonly string[]> {
  app.write('src/last', 'saved');
  await until(() => restarts(app).some((text) => text.startsWith('src/last')), 'the last save is seen');
  return restarts(app).slice(1);
}

describe.skipIf(!hasGit)('git', () => {
  test('a checkout of 5,000 files is one restart, and so is the way back', async () => {
    const { app, git } = inRepository('src');
    git('checkout', '-qb', 'other');
    mkdirSync(join(app.root, 'src/many'));
    for (let at = 0; at < FILES; at += 1) app.write(`src/many/f${String(at)}`, `${String(at)}\n`);
    git('add', 'src');
    git('commit', '-qm', 'many');
    await app.up();
    await isWatched(app);
    git('checkout', '-q', 'main');
    await restarted(app, 2);
    git('checkout', '-q', 'other');
    await restarted(app, 3);
    expect(await restartsUntilSave(app)).toEqual([
      `src/many/f0 changed (and ${String(FILES - 1)} more)`,
      `src/many/f0 changed (and ${String(FILES - 1)} more)`,
      'src/last changed',
    ]);
  });

  test('a rebase of several commits is one restart, though it pauses between them', async () => {
    const { app, git } = inRepository('src');
    git('checkout', '-qb', 'other');
    for (const name of ['b', 'c', 'd']) {
      app.write(`src/${name}`, '1\n');
      git('add', 'src');
      git('commit', '-qm', name);
    }
    git('checkout', '-q', 'main');
    app.write('src/a', '2\n');
    git('commit', '-qam', 'main goes on');
    git('checkout', '-q', 'other');
    await app.up();
    await isWatched(app);
    git('rebase', '-q', '-x', 'sleep 0.5', 'main');
    await restarted(app, 2);
    expect(await restartsUntilSave(app)).toEqual(['src/a changed', 'src/last changed']);
  });

  test('a branch and back within one wait is no restart', async () => {
    const { app, git } = inRepository('{ paths: src, debounce: 2s }');
    git('checkout', '-qb', 'other');
    app.write('src/a', '2\n');
    git('commit', '-qam', 'other');
    git('checkout', '-q', 'main');
    await app.up();
    await isWatched(app);
    git('checkout', '-q', 'other');
    git('checkout', '-q', 'main');
    expect(await restartsUntilSave(app)).toEqual(['src/last changed']);
  });

  test('with gitignore what the repository ignores is no change, and what it takes back is one', async () => {
    const { app } = inRepository('{ paths: src, gitignore: true }', {
      '.gitignore': '*.gen\n',
      'src/sub/.gitignore': '!kept.gen\n',
    });
    await app.up();
    await isWatched(app);
    app.write('src/a.gen', '1');
    app.write('src/sub/b.gen', '1');
    app.write('src/sub/kept.gen', '1');
    await restarted(app, 2);
    expect(await restartsUntilSave(app)).toEqual(['src/sub/kept.gen changed', 'src/last changed']);
  });
});
