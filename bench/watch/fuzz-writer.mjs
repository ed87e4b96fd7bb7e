// See fuzz.mjs. Prints the paths of all files when they are made.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';

const FOLDERS = 400;
const DEPTH = 4;
const root = process.argv[2];
const files = [];

for (let at = 0; at < FOLDERS; at += DEPTH) {
  let path = `${root}/n${at}`;
  for (let depth = 1; ; depth += 1) {
    mkdirSync(path);
    writeFileSync(`${path}/file`, String(at));
    if (depth === DEPTH) break;
    files.push(`${path}/file`);
    path += `/n${at + depth}`;
  }
  // 80 of 100, which is every fifth of all folders.
  const isRenamed = (at / DEPTH) % 5 !== 4;
  const last = isRenamed ? `${path}-renamed` : path;
  if (isRenamed) {
    renameSync(path, last);
    writeFileSync(`${last}/more`, '');
    files.push(`${last}/more`);
  }
  files.push(`${last}/file`);
}
console.log(files.join('\n'));
