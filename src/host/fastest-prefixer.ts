import { readFile } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Prefixer } from '../output/prefixer.ts';
import { createGrowingPrefixer } from '../output/wasm-prefixer.ts';

/** Uses the WebAssembly that the build has put beside the bundle, once it is worth it. */
export function fastestPrefixer(): Prefixer {
  return createGrowingPrefixer(() => promisify(readFile)(join(__dirname, 'insert-prefix.wasm')));
}
