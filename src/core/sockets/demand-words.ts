/** Why the clients of its sockets have started a process, or their absence has stopped it, in words. */
import { formatDuration } from '../../text/duration.ts';
import { addressText } from './address.ts';
import type { SocketPlan } from './socket-plan.ts';

/** `a connection to port 3000`. `port`: the real one. */
export function clientWords({ address }: SocketPlan, port: number | null): string {
  const what = address.kind === 'udp' ? 'a datagram' : 'a connection';
  return `${what} to ${addressText(address, port ?? undefined)}`;
}

/** `no connection for 10m` */
export function idleWords(sockets: readonly SocketPlan[], idleMs: number): string {
  const kinds = new Set(sockets.map(({ address }) => (address.kind === 'udp' ? 'datagram' : 'connection')));
  const [kind = 'connection'] = kinds;
  return `no ${kinds.size > 1 ? 'client' : kind} for ${formatDuration(idleMs)}`;
}
