/**
 * What a running supervisor can be asked, and how other terminals ask it. A chunk of its own: it is loaded when the
 * children run.
 */
import { rmSync } from 'node:fs';
import { createRouter } from '../control/router.ts';
import { ROUTES } from '../control/routes.ts';
import { listenForControl } from '../control/server.ts';
import { createSessions } from '../control/session/sessions.ts';
import { VERBS } from '../control/session/verbs.ts';
import { makePrivateDirectory } from '../os/files/private-directory.ts';
import type { Places } from '../os/files/places.ts';
import { ROOM, type DescriptorReserve } from '../os/process/descriptor-reserve.ts';
import { descriptorUse, type DescriptorUse } from '../os/process/descriptors.ts';
import { readOomKills } from '../os/proc/oom-kills.ts';
import type { Event } from '../core/events.ts';
import { recordEvent } from './records/record-event.ts';
import { watchOom } from './watch-oom.ts';
import { createBestSampler } from './best-sampler.ts';
import { keepListening, type KeptListening } from './keep-listening.ts';
import { createApi, type ClosableApi } from './api.ts';
import type { Project } from './project.ts';
import type { Running } from './wire.ts';

export async function openApi(running: Running, project: Project): Promise<ClosableApi> {
  const { reserve } = running.groundwork;
  // What reads the logs is a chunk: when it is asked for, there may be no descriptor to load it with.
  await import('../logs/read.ts');
  const sampler = await createBestSampler({
    keepAtMost: mostKept(descriptorUse()),
    mayKeep: () => reserve.hasRoomFor(ROOM.stream),
  });
  const { journal, announcer } = running;
  const record = (event: Event): void => recordEvent({ journal, announcer }, event);
  const oom = watchOom({ journal, read: readOomKills, record });
  const api = createApi(running, project, sampler);
  return {
    ...api,
    close() {
      oom.close();
      api.close();
    },
  };
}

/** Opens it to other terminals. Rejects with the system's error. */
export async function serve(
  api: ClosableApi,
  { runtimeDirectory, socket }: Places,
  reserve: DescriptorReserve,
): Promise<KeptListening> {
  const router = createRouter(api, ROUTES);
  const openSession = createSessions(api, VERBS);
  const listening = await keepListening(socket, () => {
    makePrivateDirectory(runtimeDirectory);
    // The project is ours, so nothing listens here any more.
    rmSync(socket, { force: true });
    const limits = { hasRoomFor: (use: 'question' | 'stream') => reserve.hasRoomFor(ROOM[use]) };
    return listenForControl(router, socket, limits, openSession);
  });
  reserve.onShortage(() => listening.endIdle());
  return listening;
}

/** What the sampler keeps makes it faster: others need it more. */
function mostKept(use: DescriptorUse | undefined): number {
  return use === undefined ? 0 : Math.max(0, Math.min(2000, Math.floor((use.limit - use.open) / 4)));
}
