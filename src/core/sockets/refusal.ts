/** Why a socket cannot be opened, and what can be done about it, in words. */
import { addressText } from './address.ts';
import type { SocketAddress } from './socket-plan.ts';

export interface RefusalFacts {
  /** The name of the errno. */
  readonly code: string;
  /** What the system says. */
  readonly message: string;
  readonly address: SocketAddress;
  /** Who has the address, where it is in use: `node (pid 12)`. */
  readonly owner?: string | undefined;
  /** Ordinary users may bind this port and those above it. */
  readonly unprivilegedFrom: number;
}

/** `cannot listen on 127.0.0.1:80: permission denied: ...` */
export const refusalWords = (facts: RefusalFacts): string =>
  `cannot listen on ${addressText(facts.address)}: ${reasonFor(facts)}`;

function reasonFor({
  code,
  message,
  address,
  owner = 'another program',
  unprivilegedFrom,
}: RefusalFacts): string {
  switch (code) {
    case 'EADDRINUSE':
      return address.kind === 'unix' ? `the path is in use by ${owner}` : `the port is in use by ${owner}`;
    case 'EACCES':
    case 'EPERM':
      if (address.kind === 'unix') return 'permission denied: its directory is not writable';
      if (address.port >= unprivilegedFrom) return 'permission denied';
      return (
        `permission denied: only root may use ports below ${String(unprivilegedFrom)}; use a higher one, ` +
        `or allow it with 'sysctl net.ipv4.ip_unprivileged_port_start=${String(address.port)}'`
      );
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    case 'EAFNOSUPPORT':
      return address.kind !== 'unix' && address.host.includes(':') ? 'this machine has no IPv6' : message;
    case 'ENOTSOCK':
      return 'the path is a file that is no socket';
    case 'EROFS':
      return 'its file system is read-only';
    case 'EMFILE':
      return 'procsup has no free descriptors left (see `ulimit -n`)';
    default:
      return message;
  }
}
