/** Opens a running supervisor to other terminals. A chunk of its own: it is loaded when the children run. */
import { rmSync } from 'node:fs';
import { createRouter } from '../control/router.ts';
import { ROUTES } from '../control/routes.ts';
import { listenForControl } from '../control/server.ts';
import { makePrivateDirectory } from '../os/files/private-directory.ts';
import { createProcSampler, hasProc } from '../os/proc/sampler.ts';
import type { Sampler } from '../ports/measuring.ts';
import { keepListening } from './keep-listening.ts';
import { createApi } from './api.ts';
import type { Project } from './project.ts';
import type { Running } from './wire.ts';

export interface Served {
  /** Whoever is connected is disconnected, and nobody can connect any more. */
  close(): Promise<void>;
}

/** Rejects with the system's error. */
export async function serve(running: Running, project: Project): Promise<Served> {
  const { runtimeDirectory, socket } = project.places;
  const api = createApi(running, project, await createSampler());
  const router = createRouter(api, ROUTES);
  const listening = await keepListening(socket, () => {
    makePrivateDirectory(runtimeDirectory);
    // The project is ours, so whoever listened here is dead.
    rmSync(socket, { force: true });
    return listenForControl(router, socket);
  });
  return {
    async close() {
      api.close();
      await listening.close();
    },
  };
}

async function createSampler(): Promise<Sampler> {
  if (hasProc()) return createProcSampler();
  return (await import('../os/proc/pidusage-sampler.ts')).createPidusageSampler();
}
