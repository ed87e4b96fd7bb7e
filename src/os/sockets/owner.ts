/** Who has an address that is in use, and which ports ordinary users may bind. */
import type { SocketAddress } from '../../core/sockets/socket-plan.ts';
import { listenersOn, socketsAtPath, socketsBound } from '../proc/listening.ts';
import { textOrNothing } from '../proc/proc-file.ts';
import { listenerDetails } from '../process/listener-details.ts';

/** `node (pid 12)`, as far as it is known. */
export function ownerOf(address: SocketAddress): string {
  const [sockets, key] =
    address.kind === 'unix' ? [socketsAtPath(address.path), 0] : [socketsBound(address.kind), address.port];
  const found = listenersOn(new Set([key]), sockets);
  const pid = found.find((one) => one.pid !== null)?.pid ?? null;
  if (pid === null) return found.length === 0 ? 'another program' : 'a program of another user';
  const { command = 'another program', instance } = listenerDetails(pid);
  return `${command} (pid ${String(pid)}${instance === undefined ? '' : `, ${instance} of a supervisor`})`;
}

const USUALLY_FROM = 1024;

export function unprivilegedFrom(proc = '/proc'): number {
  const text = textOrNothing(`${proc}/sys/net/ipv4/ip_unprivileged_port_start`).trim();
  return /^\d+$/.test(text) ? Number(text) : USUALLY_FROM;
}
