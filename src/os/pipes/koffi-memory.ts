/** mmap(2) by FFI: a file as an ArrayBuffer over the same pages as in every other program. koffi may be missing. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { UseKoffi } from './koffi.ts';

export interface MappedFile {
  /** Of the whole file. Its pages are shared: what is written here, others read at once. */
  readonly buffer: ArrayBuffer;
  /** Nothing is shared any more, and `buffer` is empty, or of zeros where Node cannot detach it (Node 20). */
  unmap(): void;
}

/** Throws the system's error, with its code. */
export type MapFile = (path: string) => MappedFile;

const [PROT_READ, PROT_WRITE] = [1, 2];
const [MAP_SHARED, MAP_PRIVATE, MAP_FIXED] = [1, 2, 0x10];
const MAP_ANONYMOUS = process.platform === 'darwin' ? 0x1000 : 0x20;
const MAP_NORESERVE = process.platform === 'darwin' ? 0x40 : 0x4000;
const MAP_FAILED = -1;
const ERRNO: Readonly<Record<number, string>> = { 1: 'EPERM', 11: 'EAGAIN', 12: 'ENOMEM', 13: 'EACCES' };

/** Node 21 and later. */
interface Detachable {
  readonly transfer?: () => ArrayBuffer;
}

export const loadKoffiMemory = (load: UseKoffi): Promise<MapFile | undefined> =>
  load((koffi) => {
    const libc = koffi.load(null);
    const mmap = libc.func(
      'intptr_t mmap(intptr_t address, size_t length, int protection, int flags, int fd, int64_t offset)',
    );
    const munmap = libc.func('int munmap(intptr_t address, size_t length)');
    const protection = PROT_READ | PROT_WRITE;
    const map = (fd: number, bytes: number): number => {
      const address = mmap(0, bytes, protection, MAP_SHARED, fd, 0);
      if (address !== MAP_FAILED) return address;
      const code = ERRNO[koffi.errno()] ?? 'EIO';
      throw Object.assign(new Error(`${code}: cannot map the file`), { code });
    };
    return (path) => {
      const fd = openSync(path, 'r+');
      try {
        const bytes = fstatSync(fd).size;
        const address = map(fd, bytes);
        const buffer = viewOf(address, bytes);
        return { buffer, unmap: () => unmap(address, bytes, buffer) };
      } finally {
        closeSync(fd);
      }
    };

    /** Where no buffer may be made of memory that is not V8's (Electron), or of so much. */
    function viewOf(address: number, bytes: number): ArrayBuffer {
      try {
        return koffi.view(BigInt(address), bytes);
      } catch (error) {
        munmap(address, bytes);
        throw error;
      }
    }

    /** What still refers to the buffer must not find pages that are gone: that would be a SIGSEGV. */
    function unmap(address: number, bytes: number, buffer: ArrayBuffer): void {
      // Somebody has transferred it, to a worker for example, which uses it on.
      if (buffer.byteLength === 0) return;
      const { transfer } = buffer as Detachable;
      if (transfer === undefined) {
        const flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        mmap(address, bytes, protection, flags, -1, 0);
      } else {
        transfer.call(buffer);
        munmap(address, bytes);
      }
    }
  });
