/**
 * What is dear to know. The kernel walks all pages of a process for its PSS, 10 ms for each GB, so this goes through
 * the thread pool, one process after the other.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { TreeDetails } from '../../ports/measuring.ts';

/** Whoever has ended meanwhile counts nothing; whoever may not be looked at makes the whole unknown. */
export async function detailsOf(pids: readonly number[]): Promise<TreeDetails> {
  let pssBytes: number | null = 0;
  let descriptors: number | null = 0;
  for (const pid of pids) {
    if (pssBytes !== null) pssBytes = sum(pssBytes, await measured(pid, pssOf));
    if (descriptors !== null) descriptors = sum(descriptors, await measured(pid, descriptorsOf));
  }
  return { pssBytes, descriptors };
}

const sum = (one: number, other: number | null): number | null => (other === null ? null : one + other);

async function pssOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
}

async function descriptorsOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function measured(pid: number, measure: (pid: number) => Promise<number>): Promise<number | null> {
  try {
    return await measure(pid);
  } catch {
    return (await lives(pid)) ? null : 0;
  }
}

/** Some kernels have no smaps_rollup: that it is not there does not mean that the process is gone. */
async function lives(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return !/^\) [ZX]/.test(stat.slice(stat.lastIndexOf(')')));
  } catch {
    return false;
  }
}
