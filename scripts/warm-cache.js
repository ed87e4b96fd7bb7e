// Writes dist/main.cache: see src/cli/boot.ts. A process of its own, because it runs `procsup start`, which exits.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { compileMain, runMain } = createRequire(import.meta.url)('../dist/boot.cjs');
const directory = mkdtempSync(join(tmpdir(), 'procsup-build-'));
const procfile = join(directory, 'Procfile');
writeFileSync(procfile, 'a: true\n');

const script = compileMain();
process.argv.splice(2, Infinity, 'start', '-f', procfile);
process.on('exit', () => {
  writeFileSync(new URL('../dist/main.cache', import.meta.url), script.createCachedData());
  rmSync(directory, { recursive: true });
});
runMain(script);
