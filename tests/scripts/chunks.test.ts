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
