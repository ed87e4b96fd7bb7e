/**
 * Whether an address that is listened on has connections: those that the program has accepted, and those that wait. TCP by
 * netlink (sock_diag(7)), which hands over the sockets of one port only, else by /proc/net/tcp; Unix by /proc/net/unix, where an
 * accepted socket has the path of the one that listens.
 */
import { ipBytes } from '../../core/sockets/ip.ts';
import type { SocketAddress } from '../../core/sockets/socket-plan.ts';
import type { NetlinkDump } from '../pipes/koffi-sockets.ts';
import { tableOrNothing } from '../proc/proc-file.ts';
import {
  addressOf,
  addressOfHex,
  AF_INET,
  AF_INET6,
  eachMessage,
  localAddress,
  localPort,
  tcpRequest,
} from '../proc/sock-diag.ts';

const [ESTABLISHED, SYN_RECV, FIN_WAIT1, CLOSE_WAIT, NEW_SYN_RECV] = [1, 3, 4, 8, 12];
/** A client is there, or is still sent something: one that has only closed its own side may wait for its answer. */
const CONNECTED = [ESTABLISHED, SYN_RECV, FIN_WAIT1, CLOSE_WAIT, NEW_SYN_RECV];

/** `port`: the real one. */
export function hasConnection(
  address: SocketAddress,
  port: number,
  dump: NetlinkDump | undefined,
  proc = '/proc',
): boolean {
  if (address.kind === 'udp') return false;
  if (address.kind === 'unix') return hasUnixConnection(tableOrNothing(`${proc}/net/unix`), address.path);
  const isOwn = (local: string): boolean => isAny(address.host) || local === plain(address.host);
  const found =
    dump === undefined
      ? undefined
      : familiesOf(address.host).map((family) => byNetlink(dump, family, port, isOwn));
  if (found?.includes(undefined) === false) return found.includes(true);
  return ['tcp', 'tcp6'].some((name) => byTable(tableOrNothing(`${proc}/net/${name}`), port, isOwn));
}

const isAny = (host: string): boolean => host === '' || ipBytes(host)?.every((byte) => byte === 0) === true;
const plain = (host: string): string => addressOf(Uint8Array.from(ipBytes(host) ?? []));

/** Connections over IPv4 to a socket of IPv6 count as IPv6. */
const familiesOf = (host: string): readonly number[] => {
  if (host === '') return [AF_INET6, AF_INET];
  return [host.includes(':') ? AF_INET6 : AF_INET];
};

/** Undefined: the kernel does not tell. */
function byNetlink(
  dump: NetlinkDump,
  family: number,
  port: number,
  isOwn: (local: string) => boolean,
): boolean | undefined {
  let isFound = false;
  const isWhole = dump(tcpRequest(family, CONNECTED, port), (bytes) =>
    eachMessage(bytes, (message) => {
      if (localPort(message) === port && isOwn(localAddress(message, family))) isFound = true;
    }),
  );
  return isWhole ? isFound : undefined;
}

/** A line: `sl local_address rem_address st ...`, in hex. */
function byTable(text: string, port: number, isOwn: (local: string) => boolean): boolean {
  return text.split('\n').some((line) => {
    const [, local = '', , state = ''] = line.trim().split(/\s+/);
    const [address = '', digits = ''] = local.split(':');
    return (
      Number.parseInt(digits, 16) === port &&
      CONNECTED.includes(Number.parseInt(state, 16)) &&
      isOwn(addressOfHex(address))
    );
  });
}

/** `Num RefCount Protocol Flags Type St Inode Path`. State 2: it waits to be accepted; 3: it is connected. */
function hasUnixConnection(text: string, path: string): boolean {
  return text.split('\n').some((line) => {
    const [, , , , , state, , ...words] = line.trim().split(/\s+/);
    return (state === '02' || state === '03') && words.join(' ') === path;
  });
}
