import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { scratch } from '../helpers/scratch.ts';

interface Chunks {
  readonly buildChunks: (options: {
    readonly src: string;
    readonly dist: string;
    readonly entries: Readonly<Record<string, string>>;
    readonly whole?: Readonly<Record<string, readonly string[]>>;
  }) => Promise<readonly string[]>;
  readonly chunkNames: (src: string, entries: Readonly<Record<string, string>>) => (source: string) => string;
}

const SCRIPT = resolve(import.meta.dirname, '../../scripts/chunks.js');
const { buildChunks, chunkNames } = (await import(pathToFileURL(SCRIPT).href)) as Chunks;

test('two files of one base name are two chunks', async () => {
  const root = scratch({
    'package.json': '{}',
    'src/rim/main.ts': `
      export const both = async () => [(await import('./desk.ts')).name, (await import('../inner/desk.ts')).name];
      export const file = import.meta.url;`,
    'src/rim/desk.ts': `export const name = 'rim';`,
    'src/inner/desk.ts': `export const name = 'inner';`,
  });
  const dist = join(root, 'dist');
  const names = await buildChunks({ src: join(root, 'src'), dist, entries: { 'rim/main.ts': 'main' } });
  expect(names).toEqual(['main', 'rim.desk', 'inner.desk']);
  expect(readdirSync(dist).sort()).toEqual(['inner.desk.cjs', 'main.cjs', 'rim.desk.cjs']);
  const main = createRequire(import.meta.url)(join(dist, 'main.cjs')) as {
    both(): Promise<readonly string[]>;
    readonly file: string;
  };
  expect(await main.both()).toEqual(['rim', 'inner']);
  expect(main.file).toBe(join(dist, 'main.cjs'));
});

test('what an entry is to have within it is no chunk, runs only when it is imported, and shares its modules', async () => {
  const root = scratch({
    'package.json': '{}',
    'src/main.ts': `
      import { seen } from './seen.ts';
      export const before = seen.slice();
      export const later = async () => { await import('./late.ts'); await import('./other.ts'); return seen; };`,
    'src/seen.ts': `export const seen: string[] = [];`,
    'src/late.ts': `import { seen } from './seen.ts'; seen.push('late');`,
    'src/other.ts': `import { seen } from './seen.ts'; seen.push('other');`,
  });
  const dist = join(root, 'dist');
  const entries = { 'main.ts': 'main' };
  const whole = { main: ['late.ts'] };
  expect(await buildChunks({ src: join(root, 'src'), dist, entries, whole })).toEqual(['main', 'other']);
  const main = createRequire(import.meta.url)(join(dist, 'main.cjs')) as {
    readonly before: readonly string[];
    later(): Promise<readonly string[]>;
  };
  expect(main.before).toEqual([]);
  // The other is a chunk, with a list of its own.
  expect(await main.later()).toEqual(['late']);
});

test('where two would share a name nothing is built, and both are named', () => {
  const nameOf = chunkNames('/src', { 'cli/main.ts': 'main' });
  expect(nameOf('/src/cli/main.ts')).toBe('main');
  expect(nameOf('/src/cli/main.ts')).toBe('main');
  expect(nameOf('/src/cli/desk.ts')).toBe('cli.desk');
  expect(() => nameOf('/src/main.ts')).toThrow(
    "two chunks are named 'main': /src/cli/main.ts and /src/main.ts",
  );
});

test('a folder is not mistaken for a hyphen', () => {
  const nameOf = chunkNames('/src', {});
  expect(nameOf('/src/cli/control-later.ts')).not.toBe(nameOf('/src/cli/control/later.ts'));
});
