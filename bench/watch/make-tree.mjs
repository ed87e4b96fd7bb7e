// Makes a directory of so many files in so many directories: `makeTree(root, files, directories)`.
import { mkdirSync, writeFileSync } from 'node:fs';

const FAN_OUT = 8;

export function makeTree(/** @type {string} */ root, files, directories) {
  const all = [root];
  mkdirSync(root, { recursive: true });
  while (all.length < directories) {
    const directory = `${all[Math.floor(all.length / FAN_OUT)]}/d${all.length}`;
    mkdirSync(directory);
    all.push(directory);
  }
  for (let at = 0; at < files; at += 1)
    writeFileSync(`${all[at % all.length]}/f${at}.js`, `x${at}`.repeat(200 + (at % 400)));
}
