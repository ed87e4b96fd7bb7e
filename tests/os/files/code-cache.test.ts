/** It is code that we would run: what is believed, and what is not. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  codeCacheDirectory,
  codeCacheName,
  readPrivateCache,
  readShippedCache,
  sourceIdentity,
  type CodeCache,
} from '../../../src/os/files/code-cache.ts';
import { keepCode, shippedCache } from '../../../src/os/files/keep-code.ts';
import { scratch } from '../../helpers/scratch.ts';

const NAME = 'ps-1.2.3-x64-00000000.cache';
const chunk = (code: string, source = '5 1 1') => ({ source, code: Buffer.from(code) });
const CACHE: CodeCache = {
  runs: 2,
  chunks: new Map([
    ['main', chunk('the code of main')],
    ['empty', chunk('')],
    ['cli.commands.ps', chunk('odd')],
  ]),
};
const NOTHING: CodeCache = { runs: 0, chunks: new Map() };
const modeOf = (path: string): number => lstatSync(path).mode & 0o777;

function kept(cache = CACHE): { readonly directory: string; readonly path: string } {
  const directory = join(scratch(), 'made/procsup');
  keepCode(directory, NAME, cache);
  return { directory, path: join(directory, NAME) };
}

function replaceByLink(path: string): void {
  renameSync(path, `${path}.old`);
  symlinkSync(`${path}.old`, path);
}

test('what was kept is read, and is for nobody else', () => {
  const { directory, path } = kept();
  expect(readPrivateCache(directory, NAME)).toEqual(CACHE);
  expect([modeOf(directory), modeOf(path)]).toEqual([0o700, 0o600]);
  expect(readdirSync(directory)).toEqual([NAME]);
  keepCode(directory, NAME, { ...CACHE, runs: 3 });
  expect(readPrivateCache(directory, NAME).runs).toBe(3);
  expect(readdirSync(directory)).toEqual([NAME]);
});

test('each code begins at a whole word', () => {
  const { directory } = kept();
  const offsets = [...readPrivateCache(directory, NAME).chunks.values()].map(
    ({ code }) => code.byteOffset % 8,
  );
  expect(new Set(offsets)).toEqual(new Set([0]));
});

describe('nothing is believed', () => {
  test.each<[string, (path: string, directory: string) => void]>([
    ['that is not there', (path) => renameSync(path, `${path}.old`)],
    ['that is a symbolic link', (path) => replaceByLink(path)],
    ['that others of the group can write', (path) => chmodSync(path, 0o620)],
    ['that anybody can write', (path) => chmodSync(path, 0o602)],
    ['in a directory in which the group can write', (_, directory) => chmodSync(directory, 0o770)],
    ['in a directory that others can read', (_, directory) => chmodSync(directory, 0o755)],
    ['in a directory that is a symbolic link', (_, directory) => replaceByLink(directory)],
    [
      'that is a FIFO, which would be waited for',
      (path) => {
        renameSync(path, `${path}.old`);
        execFileSync('mkfifo', [path]);
      },
    ],
    [
      'that is a directory',
      (path) => {
        renameSync(path, `${path}.old`);
        mkdirSync(path);
      },
    ],
    ['that is empty', (path) => truncateSync(path)],
    ['that has lost its last byte', (path) => truncateSync(path, statSync(path).size - 1)],
    ['that has lost a chunk', (path) => truncateSync(path, statSync(path).size - 8)],
    ['that has more than it should', (path) => writeFileSync(path, Buffer.alloc(8), { flag: 'a' })],
    ['without a head', (path) => writeFileSync(path, 'x'.repeat(100))],
    ['with another head', (path) => writeFileSync(path, '{"chunks":{}}\n')],
    ['of zeros', (path) => writeFileSync(path, Buffer.alloc(statSync(path).size))],
    ['that is huge', (path) => truncateSync(path, 1024 ** 3)],
  ])('%s', (_, change) => {
    const { directory, path } = kept();
    change(path, directory);
    expect(readPrivateCache(directory, NAME)).toEqual(NOTHING);
  });

  test('that belongs to another user', () => {
    const { directory } = kept();
    expect(readPrivateCache(directory, NAME, (process.geteuid?.() ?? 0) + 1)).toEqual(NOTHING);
  });

  test('for a source that has changed, though its length and time have not', () => {
    const path = join(scratch({ file: 'a === b' }), 'file');
    const before = statSync(path);
    writeFileSync(path, 'a !== b');
    utimesSync(path, before.atime, before.mtime);
    expect(sourceIdentity(statSync(path))).not.toBe(sourceIdentity(before));
  });
});

describe('what was shipped', () => {
  const source = Buffer.from('a === b');
  const code = Buffer.from('compiled');

  test('is taken for the source that it holds', () => {
    const path = join(scratch(), 'main.cache');
    writeFileSync(path, shippedCache(source, code));
    expect(readShippedCache(path, source)).toEqual(code);
    expect(readShippedCache(path, Buffer.from('a !== b'))).toBeUndefined();
    expect(readShippedCache(`${path}.none`, source)).toBeUndefined();
  });
});

describe('keeping fails silently and leaves nothing', () => {
  test('where a file stands in the way', () => {
    const root = scratch({ procsup: 'a file' });
    keepCode(join(root, 'procsup'), NAME, CACHE);
    expect(readFileSync(join(root, 'procsup'), 'utf8')).toBe('a file');
  });

  test('where no directory can be made', () => {
    keepCode('/proc/nowhere/procsup', NAME, CACHE);
  });

  test('where a directory stands in the place of the file', () => {
    const { directory, path } = kept();
    renameSync(path, `${path}.old`);
    mkdirSync(join(path, 'full'), { recursive: true });
    keepCode(directory, NAME, CACHE);
    expect(readdirSync(directory).sort()).toEqual([NAME, `${NAME}.old`]);
  });

  test('through a symbolic link for the directory', () => {
    const root = scratch({ 'elsewhere/file': '' });
    symlinkSync(join(root, 'elsewhere'), join(root, 'procsup'));
    keepCode(join(root, 'procsup'), NAME, CACHE);
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['file']);
  });

  test('through a link that waits under the name of what is unfinished', () => {
    const { directory, path } = kept(NOTHING);
    const victim = join(scratch({ victim: 'mine' }), 'victim');
    linkSync(victim, `${path}.${String(process.pid)}`);
    keepCode(directory, NAME, CACHE);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(readPrivateCache(directory, NAME)).toEqual(NOTHING);
  });
});

test('a directory of ours that is open to others is closed before anything is kept in it', () => {
  const { directory } = kept();
  chmodSync(directory, 0o777);
  keepCode(directory, NAME, CACHE);
  expect(modeOf(directory)).toBe(0o700);
});

test('the newest are kept, and what nobody finished in an hour is removed', () => {
  const { directory } = kept();
  const hourAgo = Date.now() / 1000 - 3601;
  const put = (name: string, at: number): void => {
    writeFileSync(join(directory, name), '');
    utimesSync(join(directory, name), at, at);
  };
  for (let age = 0; age < 40; age += 1) put(`c${String(age)}-1.cache`, hourAgo - age);
  put('a-1.cache.77', hourAgo);
  put('b-1.cache.78', hourAgo + 3000);
  put('not of ours', hourAgo - 1000);
  keepCode(directory, NAME, CACHE);
  const newest = Array.from({ length: 31 }, (_, age) => `c${String(age)}-1.cache`);
  expect(readdirSync(directory).sort()).toEqual([...newest, NAME, 'b-1.cache.78', 'not of ours'].sort());
});

test.each<[NodeJS.ProcessEnv, string | undefined]>([
  [{ XDG_CACHE_HOME: '/c', HOME: '/h' }, '/c/procsup'],
  [{ XDG_CACHE_HOME: 'c', HOME: '/h' }, '/h/.cache/procsup'],
  [{ XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache/procsup'],
  [{ HOME: 'h' }, undefined],
  [{}, undefined],
])('with %j it lies in %s', (env, directory) => {
  expect(codeCacheDirectory(env)).toBe(directory);
});

test('commands, installations and flags have files of their own', () => {
  const names = [
    codeCacheName('ps', '/one'),
    codeCacheName('start', '/one'),
    codeCacheName('ps', '/two'),
    withOptions('--max-old-space-size=100', () => codeCacheName('ps', '/one')),
  ];
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toContain(`-${process.versions.v8}-${process.arch}-`);
});

function withOptions<T>(options: string, call: () => T): T {
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = options;
  try {
    return call();
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  }
}
