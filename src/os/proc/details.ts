/** What is dear to know: it goes through the thread pool, one process after the other. */
import { readdir } from 'node:fs/promises';
import type { TreeDetails } from '../../ports/measuring.ts';
import { readPss, type ProcessPlace } from './pss.ts';
import { emptyStat } from './stat.ts';
import { readLiving } from './threads.ts';

/** What has ended meanwhile counts nothing; what may not be looked at makes the whole unknown. */
export async function detailsOf(living: readonly ProcessPlace[]): Promise<TreeDetails> {
  let pssBytes: number | null = 0;
  let descriptors: number | null = 0;
  for (const one of living) {
    if (pssBytes !== null) pssBytes = sum(pssBytes, await pssOf(one));
    if (descriptors !== null) descriptors = sum(descriptors, await descriptorsOf(one));
  }
  return { pssBytes, descriptors };
}

const sum = (one: number, other: number | null): number | null => (other === null ? null : one + other);

async function pssOf(one: ProcessPlace): Promise<number | null> {
  const result = await readPss(one);
  return result.is === 'read' ? result.bytes : null;
}

async function descriptorsOf({ pid, directory }: ProcessPlace): Promise<number | null> {
  try {
    return (await readdir(`${directory}/fd`)).length;
  } catch {
    return readLiving(pid, emptyStat()).is === 'gone' ? 0 : null;
  }
}
