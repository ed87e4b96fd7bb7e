/**
 * Runs the built chunks, main.cjs or the one for this command first, with the code that V8 compiled when procsup was built (*.cache): of some 30 ms
 * from the start of the first child that saves 7, of an answer to `ps` 10. V8 refuses a cache of another version or
 * other flags, and compiles as usual then. A chunk without a cache is run as it is.
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
/** Of Node itself, for what is no chunk of ours. */
const requireNode: (id: string) => unknown = require;

/** `compiled` hears of every chunk as it is loaded: the build makes the caches of them. */
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

/** The cache is of exactly this: V8 compares the source. */
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
