/** Which supervisor the library asks. */
import { realpathSync } from 'node:fs';
import { ownerOf } from '../os/files/lock.ts';
import { stateDirectoryOf } from '../os/files/places.ts';

interface Named {
  /** Path of its socket. */
  readonly socket?: string | undefined;
  /** Directory of its project. Default: the working directory. */
  readonly root?: string | undefined;
}

/**
 * The path of its socket: as named, else PROCSUP_SOCKET, else that of the supervisor that runs for the project. Calls `none`,
 * with the words of an error, if there is none.
 */
export function supervisorSocket(
  { socket, root = process.cwd() }: Named,
  none: (message: string) => never,
): string {
  const named = socket ?? process.env['PROCSUP_SOCKET'];
  if (named !== undefined && named !== '') return named;
  const owner = ownerOf(stateDirectoryOf(realpathSync.native(root), process.env));
  return owner?.socket ?? none(`no supervisor is running for ${root}; start one with 'procsup start -d'`);
}
