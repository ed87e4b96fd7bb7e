/** Loads what a simulation tests with one rule broken on purpose. */
import * as esbuild from 'esbuild';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Mutant {
  readonly name: string;
  /** In `src/core`. */
  readonly file: string;
  /** Must stand in the file exactly once, or the mutant no longer says what it claims. */
  readonly original: string;
  readonly broken: string;
}

const source = (file: string) => new URL(`../../src/core/${file}`, import.meta.url).pathname;

/** `exports`: the exports that are needed, as a module in `src/core` would name them. */
export async function loadMutant<T>({ file, original, broken }: Mutant, exports: string): Promise<T> {
  const text = readFileSync(source(file), 'utf8');
  if (text.split(original).length !== 2) throw new Error(`not once in ${file}: ${original}`);
  const directory = mkdtempSync(join(tmpdir(), 'procsup-mutant-'));
  try {
    const outfile = join(directory, 'core.mjs');
    await esbuild.build({
      stdin: { contents: exports, resolveDir: source(''), loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      plugins: [
        {
          name: 'mutate',
          setup(build) {
            build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
              path === source(file)
                ? { contents: text.replace(original, () => broken), loader: 'ts' }
                : undefined,
            );
          },
        },
      ],
    });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as T;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
