/** What the help says of the commands for what programs exchange and share. */
import type { WordsOfCommands } from './words.ts';

export const SHARE_COMMAND_WORDS = {
  shm: {
    group: 'Share data',
    summary: 'share memory between programs',
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
  lock: {
    group: 'Share data',
    summary: 'run a command while holding a lock',
    description:
      'Waits its turn for a lock of the supervisor, runs the command, and releases the lock when the command has ended. Exits with its status. If procsup or the machine of the holder dies, the next one gets the lock, and is told that it was abandoned.',
    examples: [
      ['procsup lock deploy -- ./deploy.sh', 'run deploy.sh, but never twice at a time'],
      ['procsup lock deploy --no-wait -- ./deploy.sh', 'exit with status 1 if it is held'],
      ['procsup lock gpu -n 2 -- python train.py', 'run at most two of them at a time'],
      ['procsup lock data --shared -- ./report.sh', 'run beside others that only read'],
    ],
  },
  locks: {
    group: 'Share data',
    summary: 'list the locks, their holders and what waits for them',
    description:
      'Lists the locks that are held, waited for or abandoned, with the pids and commands of their holders and of those that wait.',
    examples: [['procsup locks', 'show who holds what, and since when']],
  },
  queue: {
    group: 'Share data',
    summary: 'put messages into queues, and work on them',
    description:
      'Queues of the running supervisor. VERB is put [VALUE...] (or lines of stdin), get, ack LEASE..., nack LEASE..., work -- COMMAND, ls, peek, dead, retry [ID...], rm [ID...], drain, pause, resume or set. A message that was put is kept on disk until a reader has acknowledged it; a reader that ends without doing so gives it back. work runs COMMAND for each message, with the message on its stdin and in place of {}: status 0 acknowledges it, 75 gives it back, any other one gives it back after a back-off.',
    examples: [
      ["procsup queue put mail 'to: ann'", 'put a message into the queue mail, which is made by that'],
      ['procsup queue work mail -j 4 -- ./send-mail', 'run ./send-mail for each message, four at a time'],
      ['procsup queue ls', 'list the queues'],
      ['procsup queue dead mail', 'show the messages that have failed for good, and why'],
    ],
  },
  value: {
    group: 'Share data',
    summary: 'share a number, a text or JSON, and watch it',
    description:
      'Values of the running supervisor, each changed at once or not at all. incr NAME [BY] adds; cas NAME EXPECTED NEW sets NEW if EXPECTED is there, else exits with status 1; watch prints the value and each change. They end with the supervisor.',
    examples: [
      ['procsup value set stage building', 'set it'],
      ['procsup value incr hits', 'add 1, and print the sum'],
      ['procsup value watch stage --until done', 'print each change until it is done'],
    ],
  },
  flag: {
    group: 'Share data',
    summary: 'set a flag, and wait for it',
    description:
      'Flags of the running supervisor, clear at first. wait ends when the flag is set; get prints set or clear, and exits with status 1 if it is clear.',
    examples: [
      ['procsup flag wait migrated -t 1m', 'wait until another program runs: procsup flag set migrated'],
    ],
  },
  barrier: {
    group: 'Share data',
    summary: 'wait until so many programs are there',
    description:
      'Waits until PARTIES programs wait, lets all of them go on, and prints which one this was: 0 was the first. If one ends or times out before, the others exit with status 1. Then the barrier can be used again.',
    examples: [['procsup barrier round 3 && ./go', 'run ./go when three have come to here']],
  },
  channel: {
    group: 'Share data',
    summary: 'send messages to programs that receive them now',
    description:
      'send gives messages, or the lines of stdin, to receivers, and waits for them; recv prints messages until the last sender has ended. Nothing is kept: for that there is queue.',
    examples: [
      ['./make-list | procsup channel send list', 'send each line'],
      ['procsup channel recv list', 'print what is sent; each line goes to one receiver'],
    ],
  },
} as const satisfies WordsOfCommands;
