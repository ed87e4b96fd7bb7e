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
  {
    name: 'lock',
    group: 'Share data',
    summary: 'run a command while holding a lock',
    operands: ['<LOCK>', '<COMMAND>', '[ARG...]'],
    description:
      'Waits its turn for a lock of the supervisor, runs the command, and releases the lock when the command has ended. Exits with its status. If procsup or the machine of the holder dies, the next one gets the lock, and is told that it was abandoned.',
    examples: [
      ['procsup lock deploy -- ./deploy.sh', 'run deploy.sh, but never twice at a time'],
      ['procsup lock deploy --no-wait -- ./deploy.sh', 'exit with status 1 if it is held'],
      ['procsup lock gpu -n 2 -- python train.py', 'run at most two of them at a time'],
      ['procsup lock data --shared -- ./report.sh', 'run beside others that only read'],
    ],
  },
  {
    name: 'locks',
    group: 'Share data',
    summary: 'list the locks, their holders and what waits for them',
    operands: ['[LOCK...]'],
    description:
      'Lists the locks that are held, waited for or abandoned, with the pids and commands of their holders and of those that wait.',
    examples: [['procsup locks', 'show who holds what, and since when']],
  },
] as const satisfies readonly CommandSpec[];
