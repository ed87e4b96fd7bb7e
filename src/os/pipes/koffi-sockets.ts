/**
 * Sockets that Node has none of, by FFI on Linux: datagrams in the Unix domain with the credentials of their senders, and
 * netlink. koffi may be missing.
 */
import { closeSync } from 'node:fs';
import type { KoffiWithMemory, UseKoffi } from './koffi.ts';

/**
 * Sends a request and hands over what comes back, at once, until `take` says that it was all. False where the kernel
 * refuses.
 */
export interface NetlinkDump {
  (request: Uint8Array, take: (bytes: Buffer) => 'more' | 'done' | 'failed'): boolean;
}

export interface Netlink {
  readonly dump: NetlinkDump;
  close(): void;
}

export interface Datagram {
  readonly bytes: Buffer;
  readonly sender: { readonly pid: number; readonly uid: number } | undefined;
}

/** A bound socket. SIGURG comes when there is something to read: its default is to do nothing. */
export interface DatagramSocket {
  /** Undefined: nothing is there now. Descriptors that came with it are closed. */
  read(): Datagram | undefined;
  close(): void;
}

export interface KoffiSockets {
  /** Throws the system's error. */
  openNetlink(): Netlink;
  /** In the abstract namespace. Throws the system's error. */
  bindDatagram(name: string): DatagramSocket;
}

const [AF_UNIX, AF_NETLINK, SOL_SOCKET] = [1, 16, 1];
const [SOCK_DGRAM, SOCK_RAW, SOCK_NONBLOCK, SOCK_CLOEXEC] = [2, 3, 0o4000, 0o2000000];
const NETLINK_SOCK_DIAG = 4;
const SO_PASSCRED = 16;
const [SCM_RIGHTS, SCM_CREDENTIALS] = [1, 2];
const [MSG_DONTWAIT, MSG_CMSG_CLOEXEC] = [0x40, 0x40000000];
const [F_GETFL, F_SETFL, F_SETOWN, F_SETSIG, O_ASYNC] = [3, 4, 8, 10, 0o20000];
const SIGURG = 23;

const NETLINK_BYTES = 64 * 1024;
const MESSAGE_BYTES = 8 * 1024;
/** Room for the credentials and for 253 descriptors (SCM_MAX_FD). */
const CONTROL_BYTES = 1536;
const [HEADER_BYTES, VECTOR_BYTES] = [56, 16];
const CMSG_BYTES = 16;

export const loadKoffiSockets = (load: UseKoffi): Promise<KoffiSockets | undefined> =>
  process.platform === 'linux' ? load(socketsOf) : Promise.resolve(undefined);

function socketsOf(koffi: KoffiWithMemory): KoffiSockets {
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const fcntl = libc.func('int fcntl(int fd, int command, ...)');
  const demand = (result: number, what: string): number => {
    if (result < 0) throw new Error(`cannot ${what} (errno ${String(koffi.errno())})`);
    return result;
  };
  const open = (domain: number, type: number, protocol: number): number =>
    demand(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol), 'make a socket');

  const openNetlink = (): Netlink => {
    const send = libc.func('int64_t send(int fd, const uint8_t *bytes, size_t length, int flags)');
    const receive = libc.func('int64_t recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)');
    const fd = open(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
    const bytes = Buffer.alloc(NETLINK_BYTES);
    return {
      dump(request, take) {
        if (send(fd, request, request.length, MSG_DONTWAIT) < 0) return false;
        for (;;) {
          const size = receive(fd, bytes, bytes.length, MSG_DONTWAIT);
          if (size <= 0) return false;
          const taken = take(bytes.subarray(0, size));
          if (taken !== 'more') return taken === 'done';
        }
      },
      close: () => closeSync(fd),
    };
  };

  const bindDatagram = (name: string): DatagramSocket => {
    const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
    const setOption = libc.func(
      'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)',
    );
    const fd = open(AF_UNIX, SOCK_DGRAM, 0);
    try {
      const yes = Buffer.from([1, 0, 0, 0]);
      demand(setOption(fd, SOL_SOCKET, SO_PASSCRED, yes, yes.length), 'ask for credentials');
      const address = Buffer.from(`\x01\x00\x00${name}`, 'latin1');
      demand(bind(fd, address, address.length), 'bind a socket');
      demand(fcntl(fd, F_SETOWN, 'int', process.pid), 'own a socket');
      demand(fcntl(fd, F_SETSIG, 'int', SIGURG), 'choose a signal');
      demand(fcntl(fd, F_SETFL, 'int', fcntl(fd, F_GETFL, 'int', 0) | O_ASYNC), 'wait for a signal');
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    const receive = receiver(koffi);
    return { read: () => receive(fd), close: () => closeSync(fd) };
  };
  return { openNetlink, bindDatagram };
}

/** struct msghdr with one struct iovec, in memory that does not move; all sockets share it. */
function receiver(koffi: KoffiWithMemory): (fd: number) => Datagram | undefined {
  const receiveMessage = koffi.load(null).func('int64_t recvmsg(int fd, void *message, int flags)');
  const total = HEADER_BYTES + VECTOR_BYTES + CONTROL_BYTES + MESSAGE_BYTES;
  const memory = koffi.alloc('uint8_t', total);
  const start = BigInt(koffi.address(memory));
  const bytes = Buffer.from(koffi.view(memory, total));
  const [vectorAt, controlAt] = [HEADER_BYTES, HEADER_BYTES + VECTOR_BYTES];
  const dataAt = controlAt + CONTROL_BYTES;
  return (fd) => {
    bytes.fill(0, 0, controlAt);
    bytes.writeBigUInt64LE(start + BigInt(vectorAt), 16);
    bytes.writeBigUInt64LE(1n, 24);
    bytes.writeBigUInt64LE(start + BigInt(controlAt), 32);
    bytes.writeBigUInt64LE(BigInt(CONTROL_BYTES), 40);
    bytes.writeBigUInt64LE(start + BigInt(dataAt), vectorAt);
    bytes.writeBigUInt64LE(BigInt(MESSAGE_BYTES), vectorAt + 8);
    const size = receiveMessage(fd, memory, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) return undefined;
    const controlBytes = Number(bytes.readBigUInt64LE(40));
    const sender = takeControl(bytes.subarray(controlAt, controlAt + controlBytes));
    return { bytes: Buffer.from(bytes.subarray(dataAt, dataAt + size)), sender };
  };
}

/** Whoever sends a descriptor (BARRIER=1) waits until all copies of it are closed. */
function takeControl(control: Buffer): Datagram['sender'] {
  let sender: Datagram['sender'];
  for (let at = 0; at + CMSG_BYTES <= control.length;) {
    const length = Number(control.readBigUInt64LE(at));
    const [level, type] = [control.readInt32LE(at + 8), control.readInt32LE(at + 12)];
    if (length < CMSG_BYTES) break;
    const data = control.subarray(at + CMSG_BYTES, at + length);
    if (level === SOL_SOCKET && type === SCM_CREDENTIALS)
      sender = { pid: data.readInt32LE(0), uid: data.readUInt32LE(4) };
    if (level === SOL_SOCKET && type === SCM_RIGHTS)
      for (let fd = 0; fd + 4 <= data.length; fd += 4) closeSync(data.readInt32LE(fd));
    at += (length + 7) & ~7;
  }
  return sender;
}
