/**
 * All TCP sockets of the machine that listen. The kernel answers the question for those alone by netlink (sock_diag(7)) in
 * 0.2 ms; for /proc/net/tcp it also goes through its table of connections, whose size depends on the memory: 10 ms here.
 */
import type { ListeningSocket } from '../../core/check/answer.ts';
import type { NetlinkDump } from '../pipes/koffi-sockets.ts';
import { readTable, tableOrNothing } from '../proc/proc-file.ts';

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
    return [{ inode, port: Number.parseInt(port, 16), address: addressOf(wordsTurned(address)) }];
  });
}

/** /proc shows each 32 bits of an address as a number of this machine; all that Node runs on are little-endian. */
function wordsTurned(hex: string): Uint8Array {
  const bytes = Buffer.from(hex, 'hex');
  return bytes.swap32();
}

export function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const isZero = (end: number): boolean => bytes.subarray(0, end).every((byte) => byte === 0);
  if (isZero(16)) return '::';
  if (isZero(15) && bytes[15] === 1) return '::1';
  if (isZero(10) && bytes[10] === 0xff && bytes[11] === 0xff) return bytes.subarray(12).join('.');
  return (Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []).join(':');
}

const [AF_INET, AF_INET6, IPPROTO_TCP] = [2, 10, 6];
const [SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLM_F_DUMP] = [20, 1, 0x300];
const [NLMSG_ERROR, NLMSG_DONE] = [2, 3];
const TCP_LISTEN = 10;
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;

export function tableOfNetlink(dump: NetlinkDump): ReturnType<ListeningTable> {
  const sockets: ListeningSocket[] = [];
  for (const family of [AF_INET, AF_INET6]) {
    const isWhole = dump(requestFor(family), (bytes) => takeMessages(bytes, family, sockets));
    if (!isWhole) return undefined;
  }
  return sockets;
}

function requestFor(family: number): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
  request.writeUInt8(family, HEADER_BYTES);
  request.writeUInt8(IPPROTO_TCP, HEADER_BYTES + 1);
  request.writeUInt32LE(1 << TCP_LISTEN, HEADER_BYTES + 4);
  return request;
}

function takeMessages(bytes: Buffer, family: number, sockets: ListeningSocket[]): 'more' | 'done' | 'failed' {
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    const type = bytes.readUInt16LE(at + 4);
    if (type === NLMSG_DONE) return 'done';
    if (type === NLMSG_ERROR || length < HEADER_BYTES) return 'failed';
    sockets.push(socketAt(bytes.subarray(at + HEADER_BYTES, at + length), family));
    at += (length + 3) & ~3;
  }
  return 'more';
}

/** struct inet_diag_msg */
function socketAt(message: Buffer, family: number): ListeningSocket {
  return {
    inode: String(message.readUInt32LE(68)),
    port: message.readUInt16BE(4),
    address: addressOf(message.subarray(8, family === AF_INET ? 12 : 24)),
  };
}
