// The CommonJS chunks of the CLI: one for each entry, and one for each file that is imported by `import()`.
import { build } from 'esbuild';
import { join, relative, resolve, sep } from 'node:path';

/**
 * Builds `entries` (source path below `src` -> name) and all that they import lazily into `dist`. Returns the names.
 * `whole` (name -> source paths) has what an entry imports lazily and is to have within it. `define` as esbuild has it.
 */
export async function buildChunks({ src, dist, entries, whole = {}, define = {} }) {
  const names = chunkNames(src, entries);
  const built = new Map();
  const wanted = new Set(Object.keys(entries).map((path) => join(src, path)));
  for (const source of wanted) {
    const name = names(source);
    built.set(name, source);
    const within = new Set((whole[name] ?? []).map((path) => join(src, path)));
    await build({
      entryPoints: [source],
      outfile: join(dist, `${name}.cjs`),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      supported: { 'dynamic-import': false },
      // One way to make a `require` for both kinds of bundle. src/cli/load-bundle.ts provides the name.
      define: { 'import.meta.url': '__filename', ...define },
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: 'none',
      plugins: [lazyChunks(names, wanted, within)],
      logLevel: 'warning',
    });
  }
  return [...built.keys()];
}

/**
 * The name of a chunk is the path of its source below `src`, with dots: `cli/commands/ps.ts` is `cli.commands.ps`. Files
 * and folders have no dot in their own names, so two sources never share one. Throws with both where they would.
 */
export function chunkNames(src, entries) {
  const sources = new Map();
  return (source) => {
    const path = relative(src, source).split(sep).join('/');
    const name = entries[path] ?? path.replace(/\.ts$/, '').replaceAll('/', '.');
    const other = sources.get(name) ?? source;
    if (other !== source) throw new Error(`two chunks are named '${name}': ${other} and ${source}`);
    sources.set(name, source);
    return name;
  };
}

/** Every `import('./x.ts')` becomes a chunk of its own, required when it is reached, but those `within` this one. */
function lazyChunks(names, wanted, within) {
  return {
    name: 'lazy-chunks',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const source = resolve(resolveDir, path);
        if (within.has(source)) return undefined;
        wanted.add(source);
        return { path: `./${names(source)}.cjs`, external: true };
      });
    },
  };
}
