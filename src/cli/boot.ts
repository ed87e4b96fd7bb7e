/**
 * Runs main.cjs with the code that V8 compiled when procsup was built (main.cache), which takes 7 of some 30 ms from
 * the start of the first child. V8 refuses a cache of another version or other flags, and compiles as usual then.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

type Main = (this: unknown, load: NodeJS.Require, directory: string) => void;

export function boot(): void {
  runMain(compileMain(builtCache()));
}

/** The build makes the cache of exactly this: V8 compares the source. */
export function compileMain(cachedData?: Buffer): Script {
  const filename = join(__dirname, 'main.cjs');
  const source = `(function (require, __dirname) {${readFileSync(filename, 'utf8')}\n})`;
  return new Script(source, { filename, ...(cachedData && { cachedData }) });
}

export function runMain(script: Script): void {
  (script.runInThisContext() as Main)(require, __dirname);
}

function builtCache(): Buffer | undefined {
  try {
    return readFileSync(join(__dirname, 'main.cache'));
  } catch {
    return undefined;
  }
}
