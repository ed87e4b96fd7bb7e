/** Opens a socket for programs, and says in words why that is not possible, and who has the address. */
import { connect } from 'node:net';
import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SocketPlan } from '../../core/sockets/socket-plan.ts';
import { addressText } from '../../core/sockets/address.ts';
import type { Refusal } from '../../core/process/exit.ts';
import type { Listener, ListenerSystem } from '../../ports/listeners.ts';
import { listenersByLsof, listenersOn, listeningSockets } from '../proc/listening.ts';
import { listenerDetails } from '../process/listener-details.ts';

/** `absolute`: with the path as it is bound. */
export async function openListener(
  system: ListenerSystem,
  absolute: SocketPlan,
  plan: SocketPlan,
): Promise<Listener | Refusal> {
  const { address } = absolute;
  try {
    if (address.kind === 'unix') {
      mkdirSync(dirname(address.path), { recursive: true });
      await removeStale(address.path);
    }
    return system.open(address, absolute);
  } catch (thrown) {
    const { code = 'UNKNOWN', message } = thrown as NodeJS.ErrnoException;
    const what = `cannot listen on ${addressText(plan.address)}`;
    return { by: 'refusal', error: code, message: `${what}: ${await reasonFor(code, message, absolute)}` };
  }
}

async function reasonFor(code: string, message: string, { address }: SocketPlan): Promise<string> {
  switch (code) {
    case 'EADDRINUSE':
      return address.kind === 'unix'
        ? 'the path is in use'
        : `the port is in use by ${address.kind === 'tcp' ? await ownerOf(address.port) : 'another program'}`;
    case 'EACCES':
      return address.kind === 'unix'
        ? 'permission denied'
        : `permission denied: ports below ${PRIVILEGED_BELOW} need CAP_NET_BIND_SERVICE; use a higher one`;
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    case 'ENOTSOCK':
      return 'the path is a file that is no socket';
    case 'EMFILE':
      return 'procsup has no free descriptors left (see `ulimit -n`)';
    default:
      return message;
  }
}

const PRIVILEGED_BELOW = '1024';

async function ownerOf(port: number): Promise<string> {
  const sockets = listeningSockets();
  const ports = new Set([port]);
  const found =
    sockets === undefined
      ? ((await listenersByLsof()) ?? []).filter((one) => one.port === port)
      : listenersOn(ports, sockets);
  const pid = found.find((one) => one.pid !== null)?.pid ?? null;
  if (pid === null) return found.length === 0 ? 'another program' : 'a program of another user';
  const { command = 'another program', instance } = listenerDetails(pid);
  return `${command} (pid ${String(pid)}${instance === undefined ? '' : `, ${instance} of a supervisor`})`;
}

/** What a supervisor that was killed has left: a path on which nobody listens any more. Anything else stays. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw Object.assign(new Error('no socket'), { code: 'ENOTSOCK' });
  if (await isRefused(path)) unlinkSync(path);
}

const isRefused = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const client = connect(path);
    client.on('connect', () => {
      client.destroy();
      resolve(false);
    });
    client.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
