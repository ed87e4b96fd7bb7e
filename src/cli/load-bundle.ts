/**
 * Runs the built chunks, starting with main.cjs or main-pipe.cjs, with V8 code caches made at build time (*.cache).
 * They save 7 ms of the 30 ms until the first child runs, and 10 ms of a `ps`. V8 rejects a cache made by another
 * version or with other flags, and compiles the source. A chunk without a cache is compiled as usual.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

interface Chunk {
  exports: unknown;
}

type Compiled = (
  this: unknown,
  exports: unknown,
  load: (id: string) => unknown,
  module: Chunk,
  directory: string,
) => void;

const LOCAL = './';
/** Node's own `require`, for everything that is not a chunk. */
const requireNode: (id: string) => unknown = require;

/** `compiled` is called for every chunk that is loaded: the build makes the caches with it. */
export function boot(compiled: (name: string, script: Script) => void = () => undefined): void {
  const chunks = new Map<string, Chunk>();

  const load = (id: string): unknown => {
    if (!id.startsWith(LOCAL)) return requireNode(id);
    const known = chunks.get(id);
    if (known !== undefined) return known.exports;
    const chunk: Chunk = { exports: {} };
    chunks.set(id, chunk);
    const name = id.slice(LOCAL.length, -'.cjs'.length);
    const script = compile(name);
    compiled(name, script);
    (script.runInThisContext() as Compiled).call(chunk.exports, chunk.exports, load, chunk, __dirname);
    return chunk.exports;
  };

  load(process.argv[2] === 'pipe' ? './main-pipe.cjs' : './main.cjs');
}

/** The cache must be made from exactly this source: V8 compares it. */
function compile(name: string): Script {
  const filename = join(__dirname, `${name}.cjs`);
  const source = `(function (exports, require, module, __dirname) {${readFileSync(filename, 'utf8')}\n})`;
  const cachedData = cacheOf(name);
  return new Script(source, { filename, ...(cachedData && { cachedData }) });
}

function cacheOf(name: string): Buffer | undefined {
  try {
    return readFileSync(join(__dirname, `${name}.cache`));
  } catch {
    return undefined;
  }
}
