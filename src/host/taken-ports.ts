/**
 * Says which of the ports that we have handed out are in use by somebody else, and by whom. A chunk of its own: the
 * processes run already, and none of them has to wait for it. So a listener may be one of them by now.
 */
import { relative } from 'node:path';
import type { EventOf } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import { socketsOf } from '../core/plan/process-plan.ts';
import { pidOf } from '../core/process/state.ts';
import { allOwners } from '../os/files/lock.ts';
import { stateBaseOf } from '../os/files/places.ts';
import { listenersByLsof, listenersOn, listeningSockets, type Listener } from '../os/proc/listening.ts';
import { listenerDetails } from '../os/process/listener-details.ts';
import { recordEvent } from './records/record-event.ts';
import type { Running } from './wire.ts';

/** Another checkout of the project has all of them. */
const MOST_TOLD = 5;

export async function tellTakenPorts(
  running: Running,
  instances: readonly InstanceSpec[],
  root: string,
  isAuto: boolean,
): Promise<void> {
  const services = instances.filter(
    // Those with `listen` have been told who has their port.
    ({ stage, plan }) => stage === undefined && socketsOf(plan).length === 0,
  );
  const listeners = new Map((await listenersAt(services)).map((listener) => [listener.port, listener]));
  const taken = services.flatMap((instance) => {
    const listener = listeners.get(instance.port);
    return listener === undefined ? [] : (takenBy(listener, instance, running, root, isAuto) ?? []);
  });
  for (const event of taken.slice(0, MOST_TOLD)) recordEvent(running, event);
}

async function listenersAt(instances: readonly InstanceSpec[]): Promise<readonly Listener[]> {
  const ports = new Set(instances.map(({ port }) => port));
  const sockets = listeningSockets();
  if (sockets !== undefined) return listenersOn(ports, sockets);
  return ((await listenersByLsof()) ?? []).filter(({ port }) => ports.has(port));
}

/** Undefined for one of ours. */
function takenBy(
  { port, pid }: Listener,
  { name }: InstanceSpec,
  { runTag, supervisor }: Running,
  root: string,
  isAuto: boolean,
): EventOf<'port-taken'> | undefined {
  const event = { type: 'port-taken', name, port, isAuto } as const;
  if (pid === null) return event;
  const { command, runId, instance, session } = listenerDetails(pid);
  const own = [...supervisor.state.members.values()].map(({ process }) => pidOf(process.phase));
  if (runId?.startsWith(runTag) === true || own.includes(pid) || own.includes(session)) return undefined;
  const owner = runId === undefined ? undefined : ownerOf(runId);
  return {
    ...{ ...event, pid },
    ...(command !== undefined && { command }),
    ...(owner !== undefined &&
      instance !== undefined && { owner: `${instance} of ${shortest(root, owner)}` }),
  };
}

function ownerOf(runId: string): string | undefined {
  const owners = allOwners(stateBaseOf(process.env));
  return owners.find(({ mark }) => mark !== '' && runId.startsWith(mark))?.root;
}

function shortest(from: string, path: string): string {
  const below = relative(from, path);
  return below.length < path.length && below !== '' ? below : path;
}
