/** The descriptors at the edges of a pipeline: those of the stages, and our ends of the pipes. */
import { closeSync, constants, openSync } from 'node:fs';
import type { MakeStagePipes } from '../../os/pipes/stage-spawn.ts';
import type { CheckedOptions } from './arguments.ts';

export interface Edges {
  /** Descriptors for the stages. */
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  /** Our ends of pipes, if any. The code that uses one must close it. */
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly errors: number | undefined;
  /** Closes the descriptors of the stages, once the stages have inherited them. */
  closeTheirs(): void;
  /** Closes everything, if nothing was used. */
  closeAll(): void;
}

type Wanted = Pick<CheckedOptions, 'stdin' | 'input' | 'stdout' | 'stderr'>;

/** Rejects with the system's error, and leaves nothing open. */
export async function openEdges(wanted: Wanted, makePipes: MakeStagePipes): Promise<Edges> {
  const { stdin, input, stdout, stderr } = wanted;
  const isPiped = [input !== undefined, stdout !== 'inherit' && stdout !== 'ignore', stderr === 'buffer'];
  const pipes = [...(await makePipes(isPiped.filter(Boolean).length))];
  const [fed, read, errors] = isPiped.map((isWanted) => (isWanted ? pipes.shift() : undefined));
  const theirs = present([fed?.read, read?.write, errors?.write]);
  const ours = present([fed?.write, read?.read, errors?.read]);

  let nothing: number | undefined;
  const ignored = (): number => {
    if (nothing === undefined) theirs.push((nothing = openSync('/dev/null', constants.O_RDWR)));
    return nothing;
  };

  try {
    return {
      stdin: fed?.read ?? (stdin === 'inherit' ? 0 : ignored()),
      stdout: read?.write ?? (stdout === 'inherit' ? 1 : ignored()),
      stderr: errors?.write ?? (stderr === 'inherit' ? 2 : ignored()),
      ...{ input: fed?.write, output: read?.read, errors: errors?.read },
      closeTheirs: () => closeEach(theirs),
      closeAll: () => closeEach([...theirs, ...ours]),
    };
  } catch (error) {
    closeEach([...theirs, ...ours]);
    throw error;
  }
}

const present = (fds: readonly (number | undefined)[]): number[] => fds.filter((fd) => fd !== undefined);

function closeEach(fds: readonly number[]): void {
  for (const fd of fds) closeSync(fd);
}
