/** The real file system, until the test says that it is full. */
import { nodeDisk, type LogDisk } from '../../src/logs/disk.ts';

export interface FillableDisk extends LogDisk {
  /** After so many bytes more, each write fails; the last one that does not may be short. */
  fill(reason: string, bytesLeft?: number): void;
  /** Nor can anything be cut off. */
  refuseTruncation(): void;
  recover(): void;
  readonly openCount: number;
}

export function createFillableDisk(): FillableDisk {
  const open = new Set<number>();
  let left = Infinity;
  let reason = '';
  let truncates = true;

  const refuse = (): never => {
    throw Object.assign(new Error(reason), { code: reason });
  };

  return {
    ...nodeDisk,
    get openCount() {
      return open.size;
    },
    fill(why, bytesLeft = 0) {
      left = bytesLeft;
      reason = why;
    },
    refuseTruncation: () => void (truncates = false),
    recover() {
      left = Infinity;
      truncates = true;
    },
    open(path, mode) {
      if (mode === 'write' && reason === 'EMFILE' && left <= 0) refuse();
      const fd = nodeDisk.open(path, mode);
      open.add(fd);
      return fd;
    },
    close(fd) {
      if (!open.delete(fd)) throw new Error(`closed twice: ${fd}`);
      nodeDisk.close(fd);
    },
    write(fd, bytes, position) {
      if (left <= 0) refuse();
      const written = nodeDisk.write(fd, bytes.subarray(0, Math.min(left, bytes.length)), position);
      left -= written;
      return written;
    },
    truncate(fd, sizeBytes) {
      if (!truncates) refuse();
      nodeDisk.truncate(fd, sizeBytes);
    },
  };
}
