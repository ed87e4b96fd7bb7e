/**
 * Sockets that listen while nobody accepts, by FFI on Linux: a server of Node accepts by itself, and what it opens is
 * non-blocking. They are close-on-exec here, so only who is given one has it. koffi may be missing.
 */
import { chmodSync, closeSync, fstatSync, lstatSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { ipBytes } from '../../core/sockets/ip.ts';
import { DEFAULT_BACKLOG, type SocketAddress } from '../../core/sockets/socket-plan.ts';
import type { Listener, ListenerSystem } from '../../ports/listeners.ts';
import type { KoffiWithMemory, UseKoffi } from '../pipes/koffi.ts';
import { shareDescriptor } from '../pipes/shared-descriptor.ts';
import type { NetlinkDump } from '../pipes/koffi-sockets.ts';
import { hasConnection } from './connections.ts';

const [AF_UNIX, AF_INET, AF_INET6] = [1, 2, 10];
const [SOCK_STREAM, SOCK_DGRAM, SOCK_CLOEXEC] = [1, 2, 0o2000000];
const [SOL_SOCKET, SO_REUSEADDR, IPPROTO_IPV6, IPV6_V6ONLY] = [1, 2, 41, 26];
const [F_GETFL, F_SETFL, F_SETOWN, F_SETSIG, O_NONBLOCK, O_ASYNC] = [3, 4, 8, 10, 0o4000, 0o20000];
/** Its default is to do nothing, so one that comes late does no harm. */
const SIGURG = 23;
/** The time of the latest datagram that was read, by whomever. */
const SIOCGSTAMP = 0x8906;
const POLLIN = 1;
const LARGEST_ADDRESS = 128;

/** `dump`: without it /proc tells of connections. */
export const loadKoffiListeners = (
  load: UseKoffi,
  dump: () => NetlinkDump | undefined = () => undefined,
): Promise<ListenerSystem | undefined> =>
  process.platform === 'linux' ? load((koffi) => systemOf(koffi, dump)) : Promise.resolve(undefined);

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));

function systemOf(koffi: KoffiWithMemory, dump: () => NetlinkDump | undefined): ListenerSystem {
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
  const listen = libc.func('int listen(int fd, int backlog)');
  const fcntl = libc.func('int fcntl(int fd, int command, ...)');
  const poll = libc.func('int poll(_Inout_ uint8_t *fds, unsigned long count, int timeout)');
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, _Out_ uint8_t *buffer)');
  const getName = libc.func('int getsockname(int fd, _Out_ uint8_t *address, _Inout_ uint32_t *length)');
  const setOption = libc.func(
    'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)',
  );
  const demand = (result: number, what: string): number => {
    if (result >= 0) return result;
    const errno = koffi.errno();
    const code = ERRNO_NAMES.get(errno) ?? `errno ${String(errno)}`;
    throw Object.assign(new Error(`${code}: ${what}`), { code });
  };
  const turnOn = (fd: number, level: number, option: number, value: 0 | 1): void => {
    const bytes = Buffer.from([value, 0, 0, 0]);
    demand(setOption(fd, level, option, bytes, bytes.length), 'setsockopt');
  };

  /** Without SO_REUSEPORT: with it another program could bind the same port, and clients of our socket would wait in vain. */
  const bound = (address: SocketAddress, family: number, mode: number | undefined): number => {
    const type = address.kind === 'udp' ? SOCK_DGRAM : SOCK_STREAM;
    const fd = demand(socket(family, type | SOCK_CLOEXEC, 0), 'socket');
    try {
      if (address.kind === 'tcp') turnOn(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      if (family === AF_INET6)
        turnOn(fd, IPPROTO_IPV6, IPV6_V6ONLY, address.kind !== 'unix' && address.host !== '' ? 1 : 0);
      const bytes = sockaddrOf(address, family);
      demand(bind(fd, bytes, bytes.length), 'bind');
      // Nobody can connect before it listens.
      if (address.kind === 'unix' && mode !== undefined) chmodSync(address.path, mode);
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  };

  const boundSomehow = (address: SocketAddress, mode: number | undefined): number => {
    if (address.kind === 'unix') return bound(address, AF_UNIX, mode);
    if (address.host !== '') return bound(address, address.host.includes(':') ? AF_INET6 : AF_INET, mode);
    try {
      return bound(address, AF_INET6, mode);
    } catch (error) {
      // A machine without IPv6.
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT'].includes(code)) throw error;
      return bound(address, AF_INET, mode);
    }
  };

  const portOf = (fd: number): number => {
    const bytes = Buffer.alloc(LARGEST_ADDRESS);
    demand(getName(fd, bytes, [bytes.length]), 'getsockname');
    return bytes.readUInt16BE(2);
  };

  return {
    open(address, settings) {
      const fd = boundSomehow(address, settings.mode);
      const shared = shareDescriptor(fd);
      const isDatagram = address.kind === 'udp';
      const path = address.kind === 'unix' ? address.path : undefined;
      const own = path === undefined ? undefined : lstatSync(path);
      const port = path === undefined ? portOf(fd) : null;
      let isClosed = false;
      let lastStamp = '';
      const hasNewStamp = (): boolean => {
        const stamp = Buffer.alloc(16);
        const found = ioctl(fd, SIOCGSTAMP, stamp) < 0 ? '' : stamp.toString('hex');
        const isNew = found !== lastStamp;
        lastStamp = found;
        return isNew;
      };
      const isReachable = (): boolean => {
        if (path === undefined || own === undefined) return true;
        const now = lstatSync(path, { throwIfNoEntry: false });
        return now?.dev === own.dev && now.ino === own.ino;
      };
      const listener: Listener = {
        port,
        inode: String(fstatSync(fd).ino),
        use: () => shared.use(),
        prepare({ backlog = DEFAULT_BACKLOG, nonblocking = false }, withMode) {
          const flags = fcntl(fd, F_GETFL, 'int', 0) & ~O_NONBLOCK & ~O_ASYNC;
          if (withMode) demand(fcntl(fd, F_SETFL, 'int', nonblocking ? flags | O_NONBLOCK : flags), 'fcntl');
          if (!isDatagram) demand(listen(fd, backlog), 'listen');
        },
        isReachable,
        announce(isOn) {
          if (isClosed) return;
          const flags = fcntl(fd, F_GETFL, 'int', 0) & ~O_ASYNC;
          if (isOn) {
            demand(fcntl(fd, F_SETOWN, 'int', process.pid), 'fcntl');
            demand(fcntl(fd, F_SETSIG, 'int', SIGURG), 'fcntl');
          }
          demand(fcntl(fd, F_SETFL, 'int', isOn ? flags | O_ASYNC : flags), 'fcntl');
        },
        tellsTraffic: isDatagram,
        hasTraffic() {
          if (isClosed) return false;
          return isDatagram ? hasNewStamp() : hasConnection(address, port ?? 0, dump());
        },
        hasClient() {
          if (isClosed) return false;
          const one = Buffer.alloc(8);
          one.writeInt32LE(fd, 0);
          one.writeInt16LE(POLLIN, 4);
          return poll(one, 1, 0) > 0;
        },
        close() {
          isClosed = true;
          if (path !== undefined && isReachable()) unlinkSync(path);
          shared.release();
        },
      };
      try {
        listener.prepare(settings, true);
      } catch (error) {
        listener.close();
        throw error;
      }
      return listener;
    },
  };
}

/** struct sockaddr_un, sockaddr_in or sockaddr_in6. */
function sockaddrOf(address: SocketAddress, family: number): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16LE(family);
  if (address.kind === 'unix') return Buffer.concat([head, Buffer.from(`${address.path}\0`)]);
  const port = Buffer.alloc(2);
  port.writeUInt16BE(address.port);
  if (family === AF_INET) {
    const bytes = Buffer.from(address.host === '' ? [0, 0, 0, 0] : (ipBytes(address.host) ?? []));
    return Buffer.concat([head, port, bytes, Buffer.alloc(8)]);
  }
  const bytes = address.host === '' ? Buffer.alloc(16) : Buffer.from(ipBytes(address.host) ?? []);
  return Buffer.concat([head, port, Buffer.alloc(4), bytes, Buffer.alloc(4)]);
}
