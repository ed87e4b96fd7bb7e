/**
 * All TCP sockets of the machine that listen. The kernel answers the question for those alone by netlink (sock_diag(7)) in
 * 0.2 ms; for /proc/net/tcp it also goes through its table of connections, whose size depends on the memory: 10 ms here.
 */
import type { ListeningSocket } from '../../core/check/answer.ts';
import type { NetlinkDump } from '../pipes/koffi-sockets.ts';
import { readTable, tableOrNothing } from '../proc/proc-file.ts';
import {
  addressOfHex,
  AF_INET,
  AF_INET6,
  eachMessage,
  localAddress,
  localPort,
  tcpRequest,
} from '../proc/sock-diag.ts';

/** Undefined: the system does not tell now. */
export type ListeningTable = () => readonly ListeningSocket[] | undefined;

const LISTEN = '0A';

export function tableOfProc(proc = '/proc'): ReturnType<ListeningTable> {
  const read = readTable(`${proc}/net/tcp`);
  if (read.is !== 'read') return undefined;
  // Where IPv6 is disabled there is no such file.
  return [read.text, tableOrNothing(`${proc}/net/tcp6`)].flatMap(socketsIn);
}

/** A line: `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode ...`. */
function socketsIn(text: string): readonly ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== LISTEN || inode === undefined) return [];
    const [address = '', port = ''] = local.split(':');
    return [{ inode, port: Number.parseInt(port, 16), address: addressOfHex(address) }];
  });
}

const TCP_LISTEN = 10;

export function tableOfNetlink(dump: NetlinkDump): ReturnType<ListeningTable> {
  const sockets: ListeningSocket[] = [];
  for (const family of [AF_INET, AF_INET6]) {
    const isWhole = dump(tcpRequest(family, [TCP_LISTEN]), (bytes) =>
      eachMessage(bytes, (message) => sockets.push(socketAt(message, family))),
    );
    if (!isWhole) return undefined;
  }
  return sockets;
}

/** struct inet_diag_msg */
function socketAt(message: Buffer, family: number): ListeningSocket {
  return {
    inode: String(message.readUInt32LE(68)),
    port: localPort(message),
    address: localAddress(message, family),
  };
}
