/** Where the project of a directory is. */
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findProject, otherProcfiles } from '../../../src/os/files/find-project.ts';
import { scratch } from '../../helpers/scratch.ts';

const treeOf = (files: Readonly<Record<string, string>>): string =>
  realpathSync.native(scratch({ 'home/shop/apps/web/x': '', ...files }));

const find = async (
  base: string,
  from: string,
  { home = 'home', running = [] as readonly string[] } = {},
): Promise<string> => {
  const found = await findProject(join(base, from), {
    home: join(base, home),
    hasSupervisor: (directory) => running.includes(directory.slice(base.length + 1)),
  });
  if (found.kind === 'found') return `${found.directory.slice(base.length + 1)} by ${found.by}`;
  return `none in ${found.searched.map((path) => path.slice(base.length + 1)).join(', ')}`;
};

describe('the nearest directory upwards', () => {
  test.each<[string, Record<string, string>, readonly string[], string]>([
    ['with a Procfile', { 'home/shop/Procfile': '' }, [], 'home/shop by file'],
    ['with a procsup.yaml', { 'home/shop/apps/procsup.yaml': '' }, [], 'home/shop/apps by file'],
    ['with a .env that names the Procfile', { 'home/shop/.env': 'A=1\nPROCFILE=P' }, [], 'home/shop by file'],
    ['whose supervisor runs', {}, ['home/shop'], 'home/shop by supervisor'],
    ['and a nearer file counts', { 'home/shop/apps/Procfile': '' }, ['home/shop'], 'home/shop/apps by file'],
    ['and a nearer supervisor counts', { 'home/Procfile': '' }, ['home/shop'], 'home/shop by supervisor'],
    ['the home directory is one of them', { 'home/Procfile': '' }, [], 'home by file'],
    [
      'the current directory is the first',
      { 'home/shop/apps/web/Procfile': '' },
      [],
      'home/shop/apps/web by file',
    ],
    [
      'no further than the home directory',
      { Procfile: '' },
      [],
      'none in home/shop/apps/web, home/shop/apps, home/shop, home',
    ],
    ['not a directory of that name', { 'home/shop/Procfile/x': '', 'home/Procfile': '' }, [], 'home by file'],
    [
      'not a .env without PROCFILE',
      { 'home/shop/.env': '# PROCFILE=x\nPROCFILE=\n' },
      [],
      'none in home/shop/apps/web, home/shop/apps, home/shop, home',
    ],
  ])('%s', async (_, files, running, found) => {
    expect(await find(treeOf(files), 'home/shop/apps/web', { running })).toBe(found);
  });

  test('outside of the home directory the search ends at the root of the file system', async () => {
    const base = treeOf({});
    const found = await findProject(join(base, 'home/shop'), {
      home: join(base, 'other'),
      hasSupervisor: () => false,
    });
    expect(found).toMatchObject({ kind: 'none' });
    expect('searched' in found && found.searched.at(-1)).toBe('/');
  });

  test('a home directory that is a link ends it as well', async () => {
    const base = treeOf({ Procfile: '' });
    symlinkSync('home', join(base, 'link'));
    expect(await find(base, 'home/shop', { home: 'link' })).toBe('none in home/shop, home');
  });
});

describe('a parent directory that somebody else controls', () => {
  test('one in which anybody may create files is no project of those below it', async () => {
    const base = treeOf({ 'home/shop/Procfile': '' });
    chmodSync(join(base, 'home/shop'), 0o1777);
    expect(await find(base, 'home/shop/apps')).toBe('none in home/shop/apps, home/shop, home');
    expect(await find(base, 'home/shop')).toBe('home/shop by file');
  });

  // Only root can give a file away, and only another user has one to give.
  test.runIf(process.getuid?.() === 0)('a file of another user is refused, with its path', async () => {
    const { chownSync } = await import('node:fs');
    const base = treeOf({ 'home/shop/Procfile': '' });
    chownSync(join(base, 'home/shop/Procfile'), 4321, 4321);
    const search = () =>
      findProject(join(base, 'home/shop/apps'), { home: base, hasSupervisor: () => false });
    expect(await search()).toMatchObject({
      kind: 'none',
      refused: expect.stringMatching(/shop\/Procfile' is not used: .*another user \(uid 4321\)/) as unknown,
    });
    // All of the project is that user's, the current directory too.
    for (const path of ['home/shop', 'home/shop/apps']) chownSync(join(base, path), 4321, 4321);
    expect(await search()).toMatchObject({ kind: 'found', directory: join(base, 'home/shop') });
  });
});

test('Procfiles of other names are listed, Procfile.dev first, without copies of editors', () => {
  const base = treeOf({});
  for (const name of [
    'a/b/Procfile.test',
    'a/b/Procfile.dev',
    'a/Procfile.web',
    'a/Procfile.dev.bak',
    'a/Procfile.dev~',
  ]) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), '');
  }
  const found = otherProcfiles([join(base, 'a/b'), join(base, 'a')]);
  expect(found.map((path) => path.slice(base.length + 1))).toEqual([
    ...['a/b/Procfile.dev', 'a/b/Procfile.test', 'a/Procfile.web'],
  ]);
});
