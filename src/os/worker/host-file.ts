/** Where the built program of a worker is: `dist/library/worker-host.js`, beside or below whatever bundle asks. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PLACES = ['./worker-host.js', './library/worker-host.js', '../../../dist/library/worker-host.js'];

/** Throws where it is missing: the package is damaged. */
export function workerHostFile(): string {
  found ??= PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (found === undefined)
    throw new Error('the program of the workers is missing: dist/library/worker-host.js');
  return found;
}

let found: string | undefined;
