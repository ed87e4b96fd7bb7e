/** Where a project keeps programs of its own: node_modules/.bin and .venv of its root and of the directories above. */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LocalBin } from '../../core/plan/environment.ts';

/** In /tmp anybody can make a node_modules: what belongs to neither the owner of the project, to us nor to root is passed over. */
export function findLocalBin(root: string): LocalBin {
  const owners = new Set([0, process.getuid?.(), ownerOf(root)]);
  const isOurs = (directory: string): boolean => {
    const owner = ownerOf(directory);
    return owner !== undefined && owners.has(owner);
  };
  const places = [...upwards(root)];
  return {
    node: places.map((place) => join(place, 'node_modules/.bin')).filter(isOurs),
    venv: places.map((place) => join(place, '.venv')).find((venv) => isOurs(join(venv, 'bin'))),
  };
}

function* upwards(from: string): Generator<string> {
  for (let place = from; ; place = dirname(place)) {
    yield place;
    if (dirname(place) === place) return;
  }
}

/** Undefined where it is no directory that we can see. */
function ownerOf(path: string): number | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status?.isDirectory() === true ? status.uid : undefined;
  } catch {
    return undefined;
  }
}
