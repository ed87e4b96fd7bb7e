/**
 * What is dear to know. The kernel walks all pages of a process for its PSS, 10 ms for each GB, so this goes through
 * the thread pool, one process after the other.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { TreeDetails } from '../../ports/measuring.ts';
import { emptyStat } from './stat.ts';
import { readLiving } from './threads.ts';

export interface MeasuredProcess {
  readonly pid: number;
  /** Where /proc tells of it. */
  readonly directory: string;
}

/** Whoever has ended meanwhile counts nothing; whoever may not be looked at makes the whole unknown. */
export async function detailsOf(living: readonly MeasuredProcess[]): Promise<TreeDetails> {
  let pssBytes: number | null = 0;
  let descriptors: number | null = 0;
  for (const one of living) {
    if (pssBytes !== null) pssBytes = sum(pssBytes, await measured(one, pssOf));
    if (descriptors !== null) descriptors = sum(descriptors, await measured(one, descriptorsOf));
  }
  return { pssBytes, descriptors };
}

const sum = (one: number, other: number | null): number | null => (other === null ? null : one + other);

async function pssOf(directory: string): Promise<number> {
  const rollup = await readFile(`${directory}/smaps_rollup`, 'latin1');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
}

async function descriptorsOf(directory: string): Promise<number> {
  return (await readdir(`${directory}/fd`)).length;
}

/** Some kernels have no smaps_rollup: that it is not there does not mean that the process is gone. */
async function measured(
  { pid, directory }: MeasuredProcess,
  measure: (directory: string) => Promise<number>,
): Promise<number | null> {
  try {
    return await measure(directory);
  } catch {
    return readLiving(pid, emptyStat()).is === 'gone' ? 0 : null;
  }
}
