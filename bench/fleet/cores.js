// The pure core of today and that of an earlier commit, each bundled into one file.
import * as esbuild from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const ENTRY = `
  export { fleetSpec, newFleet } from './fleet/state.ts';
  export { stepFleet } from './fleet/step.ts';
  export { RESTART_DEFAULTS } from './process/restart-policy.ts';
  export { stopLadder } from './process/stop-ladder.ts';
`;

/** Before the files were moved into folders. */
const EARLIER_ENTRY = `
  export { fleetSpec, newFleet } from './fleet-state.ts';
  export { stepFleet } from './fleet.ts';
  export { RESTART_DEFAULTS } from './restart-policy.ts';
  export { stopLadder } from './stop-ladder.ts';
`;

/** @returns {Promise<string>} the bundle of what is in the working tree */
export const bundleToday = (/** @type {string} */ dir) =>
  bundle(ENTRY, join(root, 'src/core'), join(dir, 'today.mjs'));

/** @returns {Promise<string | undefined>} nothing where the history does not have the commit, as in a shallow clone */
export async function bundleCommit(/** @type {string} */ commit, /** @type {string} */ dir) {
  const tree = join(dir, commit);
  mkdirSync(tree);
  const options = { cwd: root, maxBuffer: 2 ** 28 };
  const archive = spawnSync('git', ['archive', commit, 'src/core'], options);
  if (archive.status !== 0) return undefined;
  const { status } = spawnSync('tar', ['-x', '-C', tree], { input: archive.stdout });
  return status === 0 ? bundle(EARLIER_ENTRY, join(tree, 'src/core'), join(dir, `${commit}.mjs`)) : undefined;
}

async function bundle(contents, resolveDir, outfile) {
  const stdin = { contents, resolveDir, loader: /** @type {const} */ ('ts') };
  await esbuild.build({ stdin, bundle: true, format: 'esm', outfile, logLevel: 'silent' });
  return outfile;
}
