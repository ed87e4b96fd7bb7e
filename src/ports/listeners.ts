/** Sockets that are bound, and listen, without anybody who accepts: they are kept for programs. */
import type { SocketAddress, SocketPlan } from '../core/sockets/socket-plan.ts';
import type { HeldDescriptor } from './descriptors.ts';

export interface Listener {
  /** The real one; null for a path. */
  readonly port: number | null;
  /** Of the socket, as /proc names it. */
  readonly inode: string;
  /** One use more, for a program. */
  use(): HeldDescriptor;
  /**
   * Before each start: the mode and the backlog belong to the socket, and the last program has left them as it liked.
   * `withMode`: no program has it now. Throws the system's error.
   */
  prepare(settings: Pick<SocketPlan, 'backlog' | 'nonblocking'>, withMode: boolean): void;
  /** Whether its path still leads to it. True where it has none. */
  isReachable(): boolean;
  /** Whether a client, or a datagram, waits for it. */
  hasClient(): boolean;
  /** From now on SIGURG is sent to this process for each client and datagram that comes, or not any more. */
  announce(isOn: boolean): void;
  /** Whether it has connections, accepted or not. */
  hasTraffic(): boolean;
  /** Of UDP: `hasTraffic` tells whether a datagram has been read since the last call. */
  readonly tellsTraffic: boolean;
  /** Removes its path, if that is still its own. */
  close(): void;
}

export interface ListenerSystem {
  /** A path is absolute. Throws the system's error, with its `code`. */
  open(address: SocketAddress, settings: Omit<SocketPlan, 'name' | 'address'>): Listener;
}
