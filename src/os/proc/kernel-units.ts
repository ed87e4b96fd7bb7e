import { closeSync, openSync, readSync } from 'node:fs';

/** In what Linux counts memory and CPU time in /proc. */
export interface KernelUnits {
  /** 4, 16 or 64 KiB, as the kernel was built (arm64 has all three). */
  readonly pageBytes: number;
  readonly ticksPerSecond: number;
}

/** 4 KiB and 100 ticks are true of most kernels. */
const USUAL: KernelUnits = { pageBytes: 4096, ticksPerSecond: 100 };

/** Keys of getauxval(3). */
const AT_PAGESZ = 6;
const AT_CLKTCK = 17;

/**
 * Node has no sysconf(3). The kernel hands both numbers to every program at its start, as pairs of machine words in
 * /proc/self/auxv: exact, and for one read, where `getconf` would be a process each.
 */
export function kernelUnits(): KernelUnits {
  const words = auxiliaryVector();
  const valueOf = (key: number): number | undefined => {
    for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === key) return words[at + 1];
    return undefined;
  };
  return {
    pageBytes: valueOf(AT_PAGESZ) ?? USUAL.pageBytes,
    ticksPerSecond: valueOf(AT_CLKTCK) ?? USUAL.ticksPerSecond,
  };
}

function auxiliaryVector(): readonly number[] {
  const bytes = Buffer.alloc(1024);
  try {
    const fd = openSync('/proc/self/auxv', 'r');
    const size = readSync(fd, bytes);
    closeSync(fd);
    const filled = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + size - (size % 8));
    return process.arch === 'arm'
      ? [...new Uint32Array(filled)]
      : Array.from(new BigUint64Array(filled), Number);
  } catch {
    return [];
  }
}
