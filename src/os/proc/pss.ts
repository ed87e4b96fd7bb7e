/** Reads the proportional memory (PSS) of one process from /proc/PID/smaps_rollup. */
import { readFile } from 'node:fs/promises';
import { expectedMs } from '../../core/tree-memory.ts';
import { failureOf, lacksPermission, readText, type ReadFailure } from './proc-file.ts';
import { emptyStat } from './stat.ts';
import { readLiving } from './threads.ts';

export interface ProcessPlace {
  readonly pid: number;
  /** Its directory in /proc. */
  readonly directory: string;
}

export interface ReadProcess extends ProcessPlace {
  readonly residentBytes: number;
}

/** `refused`: not for us, or not by this kernel. `unknown`: not now. */
export type PssResult =
  { readonly is: 'read'; readonly bytes: number } | { readonly is: 'refused' } | { readonly is: 'unknown' };

/** What takes longer goes through the thread pool, which costs a tenth of a millisecond itself. */
const LONGEST_AT_ONCE_MS = 1;

export const isQuick = ({ residentBytes }: Pick<ReadProcess, 'residentBytes'>): boolean =>
  expectedMs({ processes: 1, residentBytes }) <= LONGEST_AT_ONCE_MS;

/** To be called for quick ones only: the event loop waits for it. */
export function readPssAtOnce(one: ProcessPlace): PssResult {
  const read = readText(rollupOf(one));
  return read.is === 'read' ? pssIn(read.text) : failed(one, read);
}

export async function readPss(one: ProcessPlace): Promise<PssResult> {
  try {
    return pssIn(await readFile(rollupOf(one), 'latin1'));
  } catch (error) {
    return failed(one, failureOf(error));
  }
}

const rollupOf = ({ directory }: ProcessPlace): string => `${directory}/smaps_rollup`;

/** A process without memory (it is about to end) has an empty file. */
const pssIn = (text: string): PssResult => ({
  is: 'read',
  bytes: Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024,
});

/** Some kernels have no smaps_rollup: that it is not there does not mean that the process is gone. */
function failed({ pid }: ProcessPlace, failure: ReadFailure): PssResult {
  if (failure.is === 'unknown') return { is: lacksPermission(failure) ? 'refused' : 'unknown' };
  return readLiving(pid, emptyStat()).is === 'gone' ? { is: 'read', bytes: 0 } : { is: 'refused' };
}
