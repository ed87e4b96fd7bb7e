/**
 * What a running supervisor can be asked, and how other terminals ask it. A chunk of its own: it is loaded when the
 * children run.
 */
import { rmSync } from 'node:fs';
import { createRouter } from '../control/router.ts';
import { ROUTES } from '../control/routes.ts';
import { listenForControl } from '../control/server.ts';
import { makePrivateDirectory } from '../os/files/private-directory.ts';
import type { Places } from '../os/files/places.ts';
import { createProcSampler, hasProc } from '../os/proc/sampler.ts';
import type { Sampler } from '../ports/measuring.ts';
import { keepListening, type KeptListening } from './keep-listening.ts';
import { createApi, type ClosableApi } from './api.ts';
import type { Project } from './project.ts';
import type { Running } from './wire.ts';

export async function openApi(running: Running, project: Project): Promise<ClosableApi> {
  return createApi(running, project, await createSampler());
}

/** Opens it to other terminals. Rejects with the system's error. */
export function serve(api: ClosableApi, { runtimeDirectory, socket }: Places): Promise<KeptListening> {
  const router = createRouter(api, ROUTES);
  return keepListening(socket, () => {
    makePrivateDirectory(runtimeDirectory);
    // The project is ours, so nothing listens here any more.
    rmSync(socket, { force: true });
    return listenForControl(router, socket);
  });
}

async function createSampler(): Promise<Sampler> {
  if (hasProc()) return createProcSampler();
  return (await import('../os/proc/pidusage-sampler.ts')).createPidusageSampler();
}
