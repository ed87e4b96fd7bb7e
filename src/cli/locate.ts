/** Where the project is: as named with -C or -f, else found from the current directory upwards. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { findProject } from '../os/files/find-project.ts';
import { crashedOwnersOf, ownerOf } from '../os/files/lock.ts';
import { stateDirectoryOf } from '../os/files/places.ts';
import type { StartIo } from './io.ts';

interface Given {
  readonly file?: string | undefined;
  readonly root?: string | undefined;
}

export interface Located {
  /** Of a project found above the current directory: relative to that. */
  readonly root?: string;
  /** What made it a project. `supervisor`: it has no file of a usual name, but it runs, or did until it was killed. */
  readonly foundBy: 'option' | 'file' | 'supervisor' | 'nothing';
  /** The directories that were searched in vain. */
  readonly searched?: readonly string[];
  /** Why the search ended early. */
  readonly searchRefused?: string;
}

export async function locate(
  { file, root }: Given,
  { env, cwd }: Pick<StartIo, 'env' | 'cwd'>,
): Promise<Located> {
  if (root !== undefined) return { root, foundBy: 'option' };
  if (file !== undefined) return { foundBy: 'option' };
  const search = await findProject(cwd, {
    home: env['HOME'],
    hasSupervisor: (directory) => hasSupervisor(directory, env),
  });
  if (search.kind === 'none') {
    const { searched, refused } = search;
    return { foundBy: 'nothing', searched, ...(refused !== undefined && { searchRefused: refused }) };
  }
  const { directory, by } = search;
  return { ...(directory !== cwd && { root: relative(cwd, directory) }), foundBy: by };
}

function hasSupervisor(directory: string, env: StartIo['env']): boolean {
  try {
    const state = stateDirectoryOf(directory, env);
    return existsSync(state) && (ownerOf(state) !== undefined || crashedOwnersOf(state).length > 0);
  } catch {
    return false; // The command that asks it says why it cannot.
  }
}
