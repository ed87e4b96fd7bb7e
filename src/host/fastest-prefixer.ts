import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Prefixer } from '../output/prefixer.ts';
import { createGrowingPrefixer } from '../output/wasm-prefixer.ts';

/** Switches to the WebAssembly beside the bundle once there is enough output. */
export function fastestPrefixer(): Prefixer {
  return createGrowingPrefixer(() => readFileSync(join(__dirname, 'insert-prefix.wasm')));
}
