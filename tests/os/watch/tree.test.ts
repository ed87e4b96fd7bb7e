/** The tree with a real file system. */
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isChanged, type Content } from '../../../src/core/watch/content.ts';
import { scopeAt, watchRules } from '../../../src/core/watch/scope.ts';
import { topsOf } from '../../../src/core/watch/tops.ts';
import { systemClock } from '../../../src/os/clock.ts';
import { createTree, type TreeTools } from '../../../src/os/watch/tree.ts';
import type { WatchLimit } from '../../../src/ports/tree-watcher.ts';
import { until } from '../../helpers/eventually.ts';
import { homeScratch } from '../../helpers/home-scratch.ts';

interface Trial {
  readonly root: string;
  /** Whether all of these, and nothing else, have been told as changed; what has been told is looked at anew. */
  changes(...paths: readonly string[]): Promise<void>;
  /** Nothing has been told but what is no change: asked by something that is told after it. */
  changesNothing(): Promise<void>;
  readonly limits: readonly WatchLimit[];
  count(): { readonly watched: number; readonly polled: number };
  look(path: string): Promise<Content>;
  write(path: string, text: string): void;
}

async function watching(
  files: Readonly<Record<string, string>>,
  paths: readonly string[],
  tools: Partial<TreeTools> & { readonly polled?: boolean; readonly isLearning?: boolean } = {},
  root = homeScratch({ 'marks/first': '', ...files }),
): Promise<Trial> {
  const rules = [watchRules({ paths: [...paths, 'marks'], ignore: [] }, root)];
  const told = new Map<string, Content>();
  const limits: WatchLimit[] = [];
  const bases = paths.map((path) => join(root, path));
  const tree = createTree(
    {
      tops: topsOf(rules, root),
      polled: new Map(tools.polled === true ? bases.map((base) => [base, 100]) : []),
      scopeAt: (directory) => scopeAt(rules, directory),
      onChange(before) {
        for (const [path, content] of before) if (!told.has(path)) told.set(path, content);
      },
      onLimit: (limit) => limits.push(limit),
    },
    { clock: systemClock, ...tools },
  );
  onTestFinished(() => tree.close());
  await tree.ready;
  if (tools.isLearning === true) await tree.known;
  else await tree.look(filesIn(root));

  let marks = 0;
  const changedPaths = async (): Promise<readonly string[]> => {
    const { now } = await tree.look([...told.keys()]);
    return [...told]
      .filter(([path, before]) => isChanged(before, now.get(path) ?? 'missing'))
      .map(([path]) => path.slice(root.length + 1))
      .sort();
  };
  const trial: Trial = {
    root,
    limits,
    count: () => tree.count(),
    look: async (path) => (await tree.look([join(root, path)])).now.get(join(root, path)) ?? 'missing',
    async changes(...expected) {
      let found: readonly string[] = [];
      const wanted = JSON.stringify([...expected].sort());
      let isLooking = false;
      await until(() => {
        if (!isLooking) {
          isLooking = true;
          void changedPaths().then((all) => {
            found = all;
            isLooking = false;
          });
        }
        return JSON.stringify(found) === wanted;
      }, `changes: ${wanted}`).catch(() => expect(found).toEqual([...expected].sort()));
      told.clear();
    },
    async changesNothing() {
      const mark = `marks/${String((marks += 1))}`;
      writeFileSync(join(root, mark), '');
      await trial.changes(mark);
    },
    write: (path, text) => writeFileSync(join(root, path), text),
  };
  return trial;
}

const filesIn = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('a save is told with what was known before', async () => {
  const trial = await watching({ 'src/a.ts': '1' }, ['src']);
  trial.write('src/a.ts', '2');
  await trial.changes('src/a.ts');
});

test('touch and chmod are told, and are no change of the content', async () => {
  const trial = await watching({ 'src/a.ts': '1' }, ['src']);
  trial.write('src/a.ts', '1');
  chmodSync(join(trial.root, 'src/a.ts'), 0o600);
  await trial.changesNothing();
});

test('what many files contain is learned in time, without being asked', async () => {
  const paths = Array.from({ length: 100 }, (_, at) => `src/${String(at)}.ts`);
  const root = homeScratch({ 'marks/first': '', ...Object.fromEntries(paths.map((path) => [path, '1'])) });
  const rules = [watchRules({ paths: ['src'], ignore: [] }, root)];
  const clock = { ...systemClock, wallNow: () => Date.now() + 1000 };
  let told = new Map<string, Content>();
  const tree = createTree(
    {
      ...{ tops: topsOf(rules, root), polled: new Map<string, number>(), onLimit: () => undefined },
      scopeAt: (directory) => scopeAt(rules, directory),
      onChange: (before) => void (told = new Map([...told, ...before])),
    },
    { clock },
  );
  onTestFinished(() => tree.close());
  await tree.ready;
  let time = 0;
  await until(() => {
    const isKnown =
      told.size === paths.length && [...told.values()].every((content) => content !== 'unknown');
    if (!isKnown && (time += 1) % 20 === 1) {
      told = new Map();
      for (const path of paths) writeFileSync(join(root, path), '1');
    }
    return isKnown;
  }, 'all are known');
});

test('an atomic save is told', async () => {
  const trial = await watching({ 'src/a.ts': '1' }, ['src']);
  trial.write('src/XXaBcDeF', '2');
  renameSync(join(trial.root, 'src/XXaBcDeF'), join(trial.root, 'src/a.ts'));
  await trial.changes('src/a.ts');
});

test('a new directory is watched before it is read', async () => {
  const trial = await watching({ 'src/a.ts': '1' }, ['src']);
  mkdirSync(join(trial.root, 'src/x/y/z'), { recursive: true });
  trial.write('src/x/y/z/b.ts', '1');
  await trial.changes('src/x/y/z/b.ts');
  trial.write('src/x/y/z/b.ts', '2');
  await trial.changes('src/x/y/z/b.ts');
});

test('a renamed directory is watched under its new name', async () => {
  const trial = await watching({ 'src/x/y/a.ts': '1', 'src/z.ts': '1' }, ['src']);
  renameSync(join(trial.root, 'src/x'), join(trial.root, 'src/w'));
  await trial.changes('src/x/y/a.ts', 'src/w/y/a.ts');
  trial.write('src/w/y/a.ts', '2');
  await trial.changes('src/w/y/a.ts');
});

test('a directory that is moved out of the tree is not watched any more', async () => {
  const trial = await watching({ 'src/x/a.ts': '1', 'other/b': '1' }, ['src']);
  renameSync(join(trial.root, 'src/x'), join(trial.root, 'other/x'));
  await trial.changes('src/x/a.ts');
  trial.write('other/x/a.ts', '2');
  await trial.changesNothing();
});

test('a watched path that is removed and made again is still watched', async () => {
  const trial = await watching({ 'dist/a.js': '1', 'dist/x/b.js': '1' }, ['dist']);
  rmSync(join(trial.root, 'dist'), { recursive: true });
  await trial.changes('dist/a.js', 'dist/x/b.js');
  mkdirSync(join(trial.root, 'dist/x'), { recursive: true });
  trial.write('dist/a.js', '1');
  await trial.changes('dist/a.js');
  trial.write('dist/x/b.js', '2');
  await trial.changes('dist/x/b.js');
});

test('so is one that is replaced by another at once, again and again', async () => {
  const trial = await watching({ 'dist/a.js': '0' }, ['dist']);
  for (let time = 1; time <= 20; time += 1) {
    rmSync(join(trial.root, 'dist'), { recursive: true });
    mkdirSync(join(trial.root, 'dist'));
    trial.write('dist/a.js', String(time));
    await trial.changes('dist/a.js');
  }
});

test('a path that does not exist at the start is waited for', async () => {
  const trial = await watching({}, ['out/deep']);
  mkdirSync(join(trial.root, 'out/deep'), { recursive: true });
  trial.write('out/deep/a.js', '1');
  await trial.changes('out/deep/a.js');
});

test('the whole project, removed and made again, is still watched', async () => {
  const root = homeScratch({ 'app/a.ts': '1', 'app/marks/x': '' });
  const trial = await watching({}, ['.'], {}, join(root, 'app'));
  rmSync(trial.root, { recursive: true });
  await trial.changes('a.ts', 'marks/x');
  mkdirSync(join(trial.root, 'marks'), { recursive: true });
  trial.write('a.ts', '2');
  await trial.changes('a.ts');
});

test('a watched path that is a link is followed, and followed anew when it changes', async () => {
  const root = homeScratch({ 'rel1/a.ts': '1', 'rel2/a.ts': '2', 'marks/x': '' });
  symlinkSync('rel1', join(root, 'current'));
  const trial = await watching({}, ['current'], {}, root);
  await trial.look('current/a.ts');
  trial.write('rel1/a.ts', '1b');
  await trial.changes('current/a.ts');
  symlinkSync('rel2', join(root, 'next'));
  renameSync(join(root, 'next'), join(root, 'current'));
  await trial.changes('current/a.ts');
  trial.write('rel2/a.ts', '3');
  await trial.changes('current/a.ts');
});

test('links below it are not followed; a link to a file counts by the content of that file', async () => {
  const root = homeScratch({
    'cfg/..1/c.yaml': '1',
    'cfg/..2/c.yaml': '2',
    'far/x/a.ts': '1',
    'marks/x': '',
  });
  symlinkSync('..1', join(root, 'cfg/..data'));
  symlinkSync('..data/c.yaml', join(root, 'cfg/c.yaml'));
  symlinkSync('../far/x', join(root, 'cfg/far'));
  const trial = await watching({}, ['cfg'], {}, root);
  for (const path of ['cfg/c.yaml', 'cfg/..data', 'cfg/far']) await trial.look(path);
  trial.write('far/x/a.ts', '2');
  await trial.changesNothing();
  symlinkSync('..2', join(root, 'cfg/..next'));
  renameSync(join(root, 'cfg/..next'), join(root, 'cfg/..data'));
  await trial.changes('cfg/..data', 'cfg/c.yaml');
});

test('an ignored directory is not watched at all', async () => {
  const trial = await watching({ 'src/a.ts': '1', 'src/node_modules/x/b.js': '1' }, ['src']);
  // The root, src and marks.
  expect(trial.count()).toEqual({ watched: 3, polled: 0 });
  trial.write('src/node_modules/x/b.js', '2');
  await trial.changesNothing();
});

test('one file of a directory', async () => {
  const trial = await watching({ 'package.json': '1', 'other.json': '1' }, ['package.json']);
  trial.write('other.json', '2');
  trial.write('package.json', '2');
  await trial.changes('package.json');
});

test('a name that is no UTF-8', async () => {
  const trial = await watching({ 'src/a.ts': '1' }, ['src']);
  const odd = Buffer.concat([Buffer.from(join(trial.root, 'src/')), Buffer.from([0x61, 0xff, 0x62])]);
  writeFileSync(odd, '1');
  await trial.changes('src/a\udcffb');
  writeFileSync(odd, '2');
  await trial.changes('src/a\udcffb');
});

const refuse = (most: number, code: string): typeof watch => {
  let count = 0;
  return ((...words: Parameters<typeof watch>) => {
    if ((count += 1) > most) throw Object.assign(new Error(code), { code });
    return watch(...words);
  }) as typeof watch;
};

test.each(['ENOSPC', 'EMFILE'] as const)(
  'when the system has no more watches, one warning says so, and the rest is polled: %s',
  async (code) => {
    const trial = await watching({ 'src/a/x.ts': '1', 'src/b/c/x.ts': '1', 'src/b/d/x.ts': '1' }, ['src'], {
      watch: refuse(3, code),
    });
    expect(trial.limits).toMatchObject([{ code, directories: 7, polled: 4 }]);
    expect(trial.limits[0]?.largest[0]).toEqual({ path: join(trial.root, 'src'), directories: 5 });
    for (const path of ['src/a/x.ts', 'src/b/c/x.ts', 'src/b/d/x.ts']) {
      trial.write(path, '2');
      await trial.changes(path);
    }
    mkdirSync(join(trial.root, 'src/b/e'));
    trial.write('src/b/e/y.ts', '1');
    await trial.changes('src/b/e/y.ts');
    rmSync(join(trial.root, 'src/b/c'), { recursive: true });
    await trial.changes('src/b/c/x.ts');
    expect(trial.limits).toHaveLength(1);
  },
);

test('what is to be polled is polled', async () => {
  const trial = await watching({ 'src/a.ts': '1', 'src/x/b.ts': '1' }, ['src'], { polled: true });
  expect(trial.count()).toEqual({ watched: 2, polled: 2 });
  trial.write('src/x/b.ts', '2');
  await trial.changes('src/x/b.ts');
  trial.write('src/c.ts', '1');
  await trial.changes('src/c.ts');
  rmSync(join(trial.root, 'src/a.ts'));
  await trial.changes('src/a.ts');
});

test('when the system has dropped events, everything is read again', async () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`src/d${String(at)}/a.ts`, '1']));
  const trial = await watching(files, ['src'], {
    queueLength: 8,
    // All but the last events are lost, as where the queue of the kernel is full.
    watch: ((path: string, options: object, listener: (type: string, name: Buffer) => void) => {
      if (!path.includes('/src/d')) return watch(path, options as { encoding: 'buffer' }, listener as never);
      return watch(path, options as { encoding: 'buffer' }, () => listener('change', Buffer.from('lost')));
    }) as never,
  });
  for (const path of Object.keys(files)) appendFileSync(join(trial.root, path), '2');
  await trial.changes(...Object.keys(files));
});

test('after the first pass the first save that changes nothing is no change, of any size and through a link', async () => {
  const files = { 'src/small': 'a', 'src/large': 'b'.repeat(200_000), 'src/empty': '' };
  const root = homeScratch({ 'marks/first': '', ...files });
  symlinkSync('small', join(root, 'src/link'));
  // What has only just been written stays unknown.
  await until(
    () => Date.now() - lstatSync(join(root, 'src/link')).ctimeMs > 50,
    'the files are a little older',
  );
  const trial = await watching({}, ['src'], { isLearning: true }, root);
  for (const [path, text] of Object.entries(files)) trial.write(path, text);
  rmSync(join(root, 'src/link'));
  symlinkSync('small', join(root, 'src/link'));
  await trial.changesNothing();
  trial.write('src/large', 'c'.repeat(200_000));
  trial.write('src/small', 'c');
  await trial.changes('src/large', 'src/small');
});
