/** One pipe between two stages that are supervised: anonymous where it can be had, else a FIFO. */
import { existsSync } from 'node:fs';
import { loadKoffiPipes } from './koffi-pipes.ts';
import type { PipePool } from './pipes.ts';
import { createProcPipes } from './stage-pipes-proc.ts';
import { isExhaustion, type MakeStagePipes, type StagePipe } from './stage-spawn.ts';

/**
 * Rejects with the system's error. A FIFO will do where there is no /proc: only on Linux does a program that opens its
 * /dev/stdin once more open the FIFO itself, and may wait for a writer.
 */
export async function makeHeldPipe(pool: PipePool | null): Promise<StagePipe> {
  for (const make of await makers()) {
    try {
      const [pipe] = await make(1);
      if (pipe !== undefined) return pipe;
    } catch (error) {
      if (isExhaustion(error)) throw error;
    }
  }
  if (pool === null) throw new Error('no pipe can be made here');
  return pool.takeHeld();
}

async function makers(): Promise<readonly MakeStagePipes[]> {
  const byKoffi = await loadKoffiPipes();
  return [...(byKoffi ? [byKoffi] : []), ...(existsSync('/proc/self/fd') ? [createProcPipes()] : [])];
}
