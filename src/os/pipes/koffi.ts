/**
 * By FFI: pipe2(2), 10 us per pipe, and a larger pipe than the default; send(2), dup2(2), waitpid(2), ioctl(2), poll(2). koffi
 * may be missing.
 */
import { closePipes, type MakeStagePipes, type StagePipe } from './stage-spawn.ts';

/** What we use of koffi. */
interface Koffi {
  load(path: null): { func(prototype: string): (...args: unknown[]) => number };
  errno(): number;
}

export interface KoffiWithMemory extends Koffi {
  /** Memory that does not move, which belongs to us for good. */
  alloc(type: string, count: number): object;
  address(memory: object): bigint | number;
  /** Of memory at a number, what is there must stay there. */
  view(memory: object | bigint, bytes: number): ArrayBuffer;
}

/** undefined where koffi is not installed, or does not work here. */
export type UseKoffi = <T>(use: (koffi: KoffiWithMemory) => T) => Promise<T | undefined>;

const O_CLOEXEC = 0o2000000;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_SETPIPE_SZ = 1031;

const USUAL_BYTES = 64 * 1024;
/**
 * A quarter of what an ordinary user may have (fs.pipe-max-size): it carries large writes as fast as 1 MiB does, five times
 * as fast as the usual pipe, and small ones faster, for it stays in the cache of a core.
 */
const LARGEST_BYTES = 256 * 1024;
/** Of 64 MiB that a user may have in total (fs.pipe-user-pages-soft): beyond it, all new pipes of the user have one page. */
const BUDGET_BYTES = 16 * 1024 * 1024;

/** undefined where koffi is not installed, or does not work here. */
async function withKoffi<T>(load: () => Promise<Koffi>, use: (koffi: Koffi) => T): Promise<T | undefined> {
  try {
    return use(await load());
  } catch {
    return undefined;
  }
}

/** As `withKoffi`; so are all below. */
export const loadKoffiPipes = (load = importKoffi): Promise<MakeStagePipes | undefined> =>
  withKoffi(load, pipesOf);

/** Not a literal, so that the bundler and the compiler do not look for an optional package. */
async function importKoffi(): Promise<Koffi> {
  const name = 'koffi';
  const { default: koffi } = (await import(name)) as { readonly default: Koffi };
  return koffi;
}

function pipesOf(koffi: Koffi): MakeStagePipes {
  const libc = koffi.load(null);
  const fcntl = libc.func('int fcntl(int fd, int command, ...)');
  const makePipe = pipeMaker(libc, fcntl);

  const makeOne = (bytes: number): StagePipe => {
    const ends: [read: number, write: number] = [-1, -1];
    if (makePipe(ends) !== 0) throw exhausted(koffi.errno());
    const [read, write] = ends;
    // Where it is not allowed the pipe stays as it is.
    if (process.platform === 'linux' && bytes > USUAL_BYTES) fcntl(write, F_SETPIPE_SZ, 'int', bytes);
    return { read, write };
  };

  const makeAll = (count: number): readonly StagePipe[] => {
    const made: StagePipe[] = [];
    try {
      for (const bytes = capacityFor(count); made.length < count;) made.push(makeOne(bytes));
      return made;
    } catch (error) {
      closePipes(made);
      throw error;
    }
  };
  return (count) => new Promise((resolve) => resolve(makeAll(count)));
}

/** A power of two, so that the budget is enough for all of them. */
export function capacityFor(count: number): number {
  let bytes = LARGEST_BYTES;
  while (bytes > USUAL_BYTES && bytes * count > BUDGET_BYTES) bytes /= 2;
  return bytes;
}

type Libc = ReturnType<Koffi['load']>;

/** macOS has no pipe2. */
function pipeMaker(libc: Libc, fcntl: ReturnType<Libc['func']>): (ends: [number, number]) => number {
  if (process.platform === 'linux') {
    const pipe2 = libc.func('int pipe2(_Out_ int *ends, int flags)');
    return (ends) => pipe2(ends, O_CLOEXEC);
  }
  const pipe = libc.func('int pipe(_Out_ int *ends)');
  return (ends) => {
    const status = pipe(ends);
    if (status === 0) for (const fd of ends) fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
    return status;
  };
}

const EMFILE = 24;
const ENFILE = 23;

function exhausted(errno: number): NodeJS.ErrnoException {
  const code = errno === EMFILE ? 'EMFILE' : errno === ENFILE ? 'ENFILE' : 'UNKNOWN';
  return Object.assign(new Error(`${code}: no pipe could be made (errno ${errno})`), { code });
}

/** Sends what goes without waiting: how much it was, or the name of the errno. */
export type SendNow = (fd: number, bytes: Uint8Array) => number | string;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EINTR = 4;
const ERRNO: Readonly<Record<number, string>> = {
  9: 'EBADF',
  11: 'EAGAIN',
  32: 'EPIPE',
  104: 'ECONNRESET',
  105: 'EAGAIN',
};

/** On Linux only. */
export const loadKoffiSend = (load = importKoffi): Promise<SendNow | undefined> => onLinux(load, sendOf);

function onLinux<T>(load: () => Promise<Koffi>, use: (koffi: Koffi) => T): Promise<T | undefined> {
  return process.platform === 'linux' ? withKoffi(load, use) : Promise.resolve(undefined);
}

function sendOf(koffi: Koffi): SendNow {
  const send = koffi.load(null).func('int64_t send(int fd, const uint8_t *bytes, size_t length, int flags)');
  return (fd, bytes) => {
    for (;;) {
      const sent = send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) return sent;
      const errno = koffi.errno();
      if (errno !== EINTR) return ERRNO[errno] ?? 'EIO';
    }
  };
}

/** ioctl(2) on a descriptor, with a buffer that it reads or fills; the errno, or 0. */
export type ControlDevice = (fd: number, request: number, buffer: Uint8Array) => number;

/** On Linux only. */
export const loadKoffiIoctl = (load = importKoffi): Promise<ControlDevice | undefined> =>
  onLinux(load, (koffi) => {
    const ioctl = koffi.load(null).func('int ioctl(int fd, unsigned long request, void *buffer)');
    return (fd, request, buffer) => (ioctl(fd, request, buffer) < 0 ? koffi.errno() : 0);
  });

/** waitpid(2) without waiting. */
export type ReapNow = (pid: number) => void;

const WNOHANG = 1;

export const loadKoffiReap = (load = importKoffi): Promise<ReapNow | undefined> =>
  withKoffi(load, (koffi) => {
    const waitpid = koffi.load(null).func('int waitpid(int pid, void *status, int options)');
    return (pid) => void waitpid(pid, null, WNOHANG);
  });

/** dup2(2): makes `to` another descriptor of what `from` is, in one step. */
export type Duplicate = (from: number, to: number) => void;

export const loadKoffiDuplicate = (load = importKoffi): Promise<Duplicate | undefined> =>
  withKoffi(load, (koffi) => {
    const dup2 = koffi.load(null).func('int dup2(int from, int to)');
    return (from, to) => void dup2(from, to);
  });

/** Whether the reader of a pipe has gone, or the other end of a socket: poll(2) without waiting, 2 us. */
export type HasNoReader = (fd: number) => boolean;

const [POLLERR, POLLHUP] = [0x8, 0x10];
/** macOS says nothing where nothing is asked for. */
const POLLRDBAND = 0x80;

export const loadKoffiPoll = (load = importKoffi): Promise<HasNoReader | undefined> =>
  withKoffi(load, (koffi) => {
    const poll = koffi.load(null).func('int poll(void *polled, unsigned long count, int timeoutMs)');
    // struct pollfd: int fd, short events, short revents.
    const polled = Buffer.alloc(8);
    polled.writeInt16LE(POLLRDBAND, 4);
    return (fd) => {
      polled.writeInt32LE(fd, 0);
      return poll(polled, 1, 0) > 0 && (polled.readInt16LE(6) & (POLLERR | POLLHUP)) !== 0;
    };
  });

/** For what is in a file of its own. */
export const koffiBy =
  (load = importKoffi): UseKoffi =>
  (use) =>
    withKoffi(load, (koffi) => use(koffi as KoffiWithMemory));
