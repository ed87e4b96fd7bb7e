// Makes 400 nested folders with a file each at full speed, renames every fifth and makes one more file in it, and says how
// many of the 480 files have not been told, at the place where they are in the end: `fuzz.mjs WAY DIRECTORY [MODULE]`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { open } from './ways.mjs';

const QUIET_MS = 1500;
const [way = '', directory = '', module = ''] = process.argv.slice(2);
const loaded = module === '' ? undefined : await import(pathToFileURL(module).href);
const told = new Set();
let lastMs = performance.now();
const watcher = await open(way, directory, loaded, (paths) => {
  for (const path of paths) told.add(path);
  lastMs = performance.now();
});
// Some are ready before they tell everything.
for (let at = 0; !told.has(`${directory}/first`); at += 1) {
  writeFileSync(`${directory}/first`, String(at));
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const writer = spawn(
  process.execPath,
  [fileURLToPath(new URL('fuzz-writer.mjs', import.meta.url)), directory],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
let text = '';
writer.stdout.on('data', (bytes) => (text += bytes));
await once(writer, 'close');
while (performance.now() - lastMs < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 100));
const files = text.trim().split('\n');
if (files.length !== 480 || !files.every((file) => existsSync(file)))
  throw new Error('the writer has failed');
console.log(files.filter((file) => !told.has(file)).length);
watcher.close();
process.exit(0);
