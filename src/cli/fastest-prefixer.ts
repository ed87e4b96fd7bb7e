import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Prefixer } from '../output/prefixer.ts';
import { loadPrefixer } from '../output/wasm-prefixer.ts';

/** The WebAssembly that the build has put beside the bundle; the plain prefixer where it cannot be used. */
export function fastestPrefixer(): Promise<Prefixer> {
  return loadPrefixer(() => Promise.resolve(readFileSync(join(__dirname, 'insert-prefix.wasm'))));
}
