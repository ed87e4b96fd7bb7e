/**
 * Pipes of which we keep an end: at the edges of a pipeline, and between supervised stages. They are made as all pipes
 * between stages, so that programs can reopen their /dev/stdin and /dev/stdout. Without koffi and /proc, a FIFO is used;
 * on Linux, only reopening fails with it, elsewhere nothing does.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fifoProblem, makeFifoDirectory } from './fifo-directory.ts';
import { openFifo } from './fifo.ts';
import { loadFastKoffiPipes } from './koffi-addon.ts';
import { createProcPipes } from './stage-pipes-proc.ts';
import { closePipes, isExhaustion, type MakeStagePipes, type StagePipe } from './stage-spawn.ts';

/** What is not there is found out when the first pipe is wanted. */
export function createBestPipes(): MakeStagePipes {
  let chosen: Promise<MakeStagePipes> | undefined;
  return async (count) => {
    if (count === 0) return [];
    const make = await (chosen ??= choose());
    return make(count);
  };
}

async function choose(): Promise<MakeStagePipes> {
  const withoutCode = firstOf([createProcPipes(), makeFifos]);
  const makePipes = await loadFastKoffiPipes();
  return makePipes === undefined ? withoutCode : firstOf([makePipes, withoutCode]);
}

/** The next way is tried only if it may help: a lack of descriptors affects all of them. */
function firstOf(makers: readonly MakeStagePipes[]): MakeStagePipes {
  return async (count) => {
    let failure: unknown;
    for (const make of makers) {
      try {
        return await make(count);
      } catch (error) {
        if (isExhaustion(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  };
}

/** Opened at both ends and unlinked. */
export const makeFifos: MakeStagePipes = async (count) => {
  const { path: directory } = makeFifoDirectory();
  const made: StagePipe[] = [];
  try {
    const paths = Array.from({ length: count }, (_, at) => join(directory, String(at)));
    await mkfifo(paths, directory);
    for (const path of paths) made.push(openFifo(path, 0));
    return made;
  } catch (error) {
    closePipes(made);
    throw error;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

function mkfifo(paths: readonly string[], directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('mkfifo', paths, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(typeof error.code === 'number' ? fifoProblem(stderr, directory) : error);
    });
  });
}
