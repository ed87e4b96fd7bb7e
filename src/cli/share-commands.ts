/** The commands for what programs exchange and share, as rows of the table of commands. */
import type { CommandSpec } from './command-spec.ts';

export const SHARE_COMMANDS = [
  {
    name: 'shm',
    group: 'Share data',
    summary: 'share memory between programs',
    operands: ['<create|ls|path|rm>', '[NAME...]'],
    description:
      "Makes a file in memory that any program can map (mmap), and prints its path: 'create NAME SIZE'. Processes that are started later find the path in PROCSUP_SHM_NAME. It is removed with the supervisor, or by 'rm NAME'.",
    examples: [
      ['procsup shm create frames 64MiB', 'make 64 MiB of zeros, and print the path of the file'],
      ['procsup shm create model --from model.bin', 'make a copy of a file in memory'],
      ['procsup shm ls', 'list all, with sizes and paths'],
      ['procsup shm path frames', 'print the path'],
      ['procsup shm rm frames', 'remove it; programs that have mapped it keep their pages'],
    ],
  },
] as const satisfies readonly CommandSpec[];
