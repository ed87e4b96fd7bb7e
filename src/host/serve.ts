/** Opens a running supervisor to other terminals. A chunk of its own: it is loaded when the children run. */
import { rmSync } from 'node:fs';
import { createRouter } from '../control/router.ts';
import { ROUTES } from '../control/routes.ts';
import { listenForControl } from '../control/server.ts';
import { makePrivateDirectory } from '../os/files/private-directory.ts';
import { ROOM, type DescriptorReserve } from '../os/process/descriptor-reserve.ts';
import { descriptorUse, type DescriptorUse } from '../os/process/descriptors.ts';
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
  const api = createApi(running, project, await createSampler(running.reserve));
  const router = createRouter(api, ROUTES);
  const listening = await keepListening(socket, () => {
    makePrivateDirectory(runtimeDirectory);
    // The project is ours, so whoever listened here is dead.
    rmSync(socket, { force: true });
    return listenForControl(router, socket, { hasRoomFor: (use) => running.reserve.hasRoomFor(ROOM[use]) });
  });
  running.reserve.onShortage(() => listening.endIdle());
  return {
    async close() {
      api.close();
      await listening.close();
    },
  };
}

async function createSampler(reserve: DescriptorReserve): Promise<Sampler> {
  const mayKeep = (): boolean => reserve.hasRoomFor(ROOM.stream);
  if (hasProc()) return createProcSampler({ keepAtMost: mostKept(descriptorUse()), mayKeep });
  return (await import('../os/proc/pidusage-sampler.ts')).createPidusageSampler();
}

/** What the sampler keeps makes it faster: others need it more. */
function mostKept(use: DescriptorUse | undefined): number {
  return use === undefined ? 0 : Math.max(0, Math.min(2000, Math.floor((use.limit - use.open) / 4)));
}
