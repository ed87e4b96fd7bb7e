/** What processes of a supervisor have in their environment, for a command that `run` starts beside them. */
import { existsSync } from 'node:fs';
import type { SharedMemoryRecord } from '../core/shared-memory.ts';
import { stateDirectoryOf } from '../os/files/places.ts';
import type { Io } from './io.ts';

/** A supervisor that does not answer is left out: the command may not need it. */
const PATIENCE = { probeAfterMs: 500, probeMs: 500 };

/** Nothing where none is running for this project. */
export async function supervisorVariables(
  root: string,
  io: Pick<Io, 'env' | 'cwd'>,
): Promise<Readonly<Record<string, string>>> {
  if (!existsSync(stateDirectoryOf(root, io.env))) return {};
  const { findSupervisor, clientOf } = await import('./client/find-supervisor.ts');
  const found = await findSupervisor(root, io);
  if (!('owner' in found)) return {};
  const { owner } = found;
  try {
    const { status, body } = await clientOf(owner, io.env, {}, PATIENCE).get('/v1/shm');
    if (status !== 200) return {};
    const { sharedMemory } = body as { readonly sharedMemory: readonly SharedMemoryRecord[] };
    const variables = sharedMemory.map(({ variable, path }) => [variable, path]);
    return { PROCSUP_SOCKET: owner.socket, ...(Object.fromEntries(variables) as Record<string, string>) };
  } catch {
    return {};
  }
}
