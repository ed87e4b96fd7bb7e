/**
 * Whether an address that is listened on has connections: those that the program has accepted, and those that wait. TCP by
 * netlink (sock_diag(7)), which hands over the sockets of one port only, else by /proc/net/tcp; Unix by /proc/net/unix, where an
 * accepted socket has the path of the one that listens.
 */
import { ipBytes } from '../../core/sockets/ip.ts';
import type { SocketAddress } from '../../core/sockets/socket-plan.ts';
import { addressOf } from '../check/listening-table.ts';
import type { NetlinkDump } from '../pipes/koffi-sockets.ts';
import { textOrNothing } from '../proc/proc-file.ts';

const [ESTABLISHED, SYN_RECV, FIN_WAIT1, CLOSE_WAIT, NEW_SYN_RECV] = [1, 3, 4, 8, 12];
/** A client is there, or is still sent something: one that has only closed its own side may wait for its answer. */
const CONNECTED = [ESTABLISHED, SYN_RECV, FIN_WAIT1, CLOSE_WAIT, NEW_SYN_RECV];

const [AF_INET, AF_INET6, IPPROTO_TCP] = [2, 10, 6];
const [SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLM_F_DUMP] = [20, 1, 0x300];
const [NLMSG_ERROR, NLMSG_DONE] = [2, 3];
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;

/** `port`: the real one. */
export function hasConnection(
  address: SocketAddress,
  port: number,
  dump: NetlinkDump | undefined,
  proc = '/proc',
): boolean {
  if (address.kind === 'udp') return false;
  if (address.kind === 'unix') return hasUnixConnection(textOrNothing(`${proc}/net/unix`), address.path);
  const isOwn = (local: string): boolean => isAny(address.host) || local === plain(address.host);
  const found =
    dump === undefined
      ? undefined
      : familiesOf(address.host).map((family) => byNetlink(dump, family, port, isOwn));
  if (found?.includes(undefined) === false) return found.includes(true);
  return ['tcp', 'tcp6'].some((name) => byTable(textOrNothing(`${proc}/net/${name}`), port, isOwn));
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
  const request = Buffer.alloc(REQUEST_BYTES);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
  request.writeUInt8(family, HEADER_BYTES);
  request.writeUInt8(IPPROTO_TCP, HEADER_BYTES + 1);
  request.writeUInt32LE(
    CONNECTED.reduce((mask, state) => mask | (1 << state), 0),
    HEADER_BYTES + 4,
  );
  request.writeUInt16BE(port, HEADER_BYTES + 8);
  let isFound = false;
  const isWhole = dump(request, (bytes) => {
    for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
      const length = bytes.readUInt32LE(at);
      const type = bytes.readUInt16LE(at + 4);
      if (type === NLMSG_DONE) return 'done';
      if (type === NLMSG_ERROR || length < HEADER_BYTES) return 'failed';
      const message = bytes.subarray(at + HEADER_BYTES, at + length);
      const local = addressOf(message.subarray(8, family === AF_INET ? 12 : 24));
      if (message.readUInt16BE(4) === port && isOwn(local)) isFound = true;
      at += (length + 3) & ~3;
    }
    return 'more';
  });
  return isWhole ? isFound : undefined;
}

/** A line: `sl local_address rem_address st ...`, in hex; 32 bits of an address are a number of this machine. */
function byTable(text: string, port: number, isOwn: (local: string) => boolean): boolean {
  return text.split('\n').some((line) => {
    const [, local = '', , state = ''] = line.trim().split(/\s+/);
    const [address = '', digits = ''] = local.split(':');
    return (
      Number.parseInt(digits, 16) === port &&
      CONNECTED.includes(Number.parseInt(state, 16)) &&
      isOwn(addressOf(Buffer.from(address, 'hex').swap32()))
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
