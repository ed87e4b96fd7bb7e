/** Every command, once, as data: what it is called, what it takes, and what the help says of it. */

export interface CommandSpec {
  readonly name: string;
  /** Another word for it, for those who come from other tools. */
  readonly alias?: string;
  readonly summary: string;
  /** Operands as the help shows them; an ending `...` takes any number. */
  readonly operands: readonly string[];
  /** Our options end at the first operand: what follows belongs to the program that is run. */
  readonly passThrough?: true;
  readonly description: string;
  /** Command lines and what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

export const COMMANDS = [
  {
    name: 'start',
    summary: 'run the processes of the Procfile, here or in the background',
    operands: ['[NAME...]'],
    description:
      'Starts all processes of the Procfile, or those named, prints their output merged, and stays until they end. With -d they run in the background. Where a supervisor runs already, the named processes are started in it.',
    examples: [
      ['procsup start', 'everything in ./Procfile'],
      ['procsup start web worker', 'only these two'],
      ['procsup start -d', 'in the background: see ps, logs, down'],
      ['procsup start -m web=2,worker=3', 'two of web, three of worker, one of each other'],
      ['procsup start --restart on-failure --on-exit keep', 'bring back what crashes'],
      ['procsup start -f Procfile.dev -e .env,.env.local', 'other files'],
    ],
  },
  {
    name: 'run',
    summary: "run one process, or any command, in the application's environment",
    operands: ['<NAME|COMMAND>', '[ARG...]'],
    passThrough: true,
    description:
      "Runs one process of the Procfile by name, or any command, with the application's environment and directory, and with this terminal as its own. Its exit status is passed on.",
    examples: [
      ['procsup run web', 'the process web, alone'],
      ['procsup run npm test', 'a command that needs the variables of .env'],
      ["procsup run -- sh -c 'echo $PORT'", '-- ends our own options'],
    ],
  },
  {
    name: 'pipe',
    summary: 'run a pipeline, with real pipes and a status that tells the truth',
    operands: ['<PIPELINE|COMMAND>', '[WORD...]'],
    passThrough: true,
    description:
      "Runs a pipeline of programs, or of processes of the Procfile, with the application's environment and directory. One argument is a shell's text, several are words, with '|' among them. The status is that of the rightmost stage that failed; one whose reader had read enough did not fail.",
    examples: [
      ["procsup pipe 'seq 1000000 | sort -n | tail -1'", 'quoted: a text'],
      ["procsup pipe grep 'two words' file '|' wc -l", 'words, which are kept as they are'],
      ["procsup pipe --stats 'importer | gzip > out.gz'", 'importer is a process of the Procfile'],
    ],
  },
  {
    name: 'check',
    summary: 'say what is wrong with the Procfile and the environment files',
    operands: [],
    description:
      'Reads the Procfile and the environment files, and prints every problem and warning of them at once. Nothing is started.',
    examples: [
      ['procsup check', 'is everything valid?'],
      ['procsup check --strict', 'warnings count as errors'],
      ['procsup check --json', 'what would be started, as JSON'],
    ],
  },
  {
    name: 'ps',
    alias: 'status',
    summary: 'list the processes: state, CPU, memory, restarts',
    operands: ['[NAME...]'],
    description: 'Lists every instance, or those named. CPU and memory are those of its whole process tree.',
    examples: [
      ['procsup ps', 'all instances'],
      ['procsup ps --json web', 'those of web, for a script'],
    ],
  },
  {
    name: 'stop',
    summary: 'stop processes',
    operands: ['[NAME...]'],
    description:
      'Stops the processes named, or all, and returns when they have ended. The supervisor lives on: they can be started again.',
    examples: [
      ['procsup stop worker', 'every instance of worker'],
      ['procsup stop web.2', 'one instance'],
    ],
  },
  {
    name: 'restart',
    summary: 'stop processes and start them again',
    operands: ['[NAME...]'],
    description: 'Restarts the processes named, or all, and returns when the new ones run.',
    examples: [
      ['procsup restart web', 'every instance of web'],
      ['procsup restart', 'everything'],
    ],
  },
  {
    name: 'scale',
    summary: 'change how many instances processes have',
    operands: ['<NAME=COUNT...>'],
    description: 'Starts or stops instances until each process has as many as it is to have.',
    examples: [['procsup scale web=3 worker=0', 'three of web, none of worker']],
  },
  {
    name: 'kill',
    summary: 'send a signal to processes',
    operands: ['<NAME...>'],
    description:
      'Sends a signal, SIGKILL unless -s names another, to the process groups of what runs. The restart policy applies to what ends of it.',
    examples: [
      ['procsup kill -s HUP web', 'read your files again'],
      ['procsup kill worker.1', 'SIGKILL'],
    ],
  },
  {
    name: 'reload',
    summary: 'read Procfile and environment files again',
    operands: [],
    description:
      'Reads the files again: starts what is new, stops what is gone, restarts what has changed, and says which.',
    examples: [['procsup reload', 'after an edit of the Procfile']],
  },
  {
    name: 'down',
    summary: 'stop everything and end the supervisor',
    operands: [],
    description: 'Stops everything in reverse order and ends the supervisor. Nothing to end is no error.',
    examples: [['procsup down', 'and return when all has ended']],
  },
  {
    name: 'logs',
    summary: 'show recent output',
    operands: ['[NAME...]'],
    description:
      "Shows recent output of all processes, or of those named, in the order it came. 'system' names the lines of procsup itself. Works after the end, too, from the log files.",
    examples: [
      ['procsup logs -f web', 'and go on with what comes'],
      ['procsup logs --since 10m --grep ERROR', 'what went wrong lately'],
      ['procsup logs -n 100 --json', 'the last hundred lines, for a script'],
    ],
  },
  {
    name: 'stats',
    summary: 'show CPU and memory',
    operands: ['[NAME...]'],
    description: 'Prints one table of CPU and memory, or with --json a line of JSON for each interval.',
    examples: [
      ['procsup stats', 'once'],
      ['procsup stats --json --interval 5s', 'again and again'],
    ],
  },
  {
    name: 'top',
    summary: 'watch processes, CPU, memory and output on the full screen',
    operands: [],
    description:
      'Shows processes, CPU and memory over time, and the output of the selected one. LinePrinter ? for the keys.',
    examples: [['procsup top', 'q ends it']],
  },
  {
    name: 'events',
    summary: 'show what has happened, and what happens',
    operands: ['[NAME...]'],
    description: 'Prints the events that are remembered and goes on with those that come, until Ctrl-C.',
    examples: [
      ['procsup events --json', 'one line of JSON for each'],
      ['procsup events --since 5m --no-follow web', 'the last five minutes of web'],
    ],
  },
  {
    name: 'wait',
    summary: 'wait until processes are ready, run or have exited',
    operands: ['<NAME...>'],
    description:
      'Returns when every one of them is as it is to be. Status 1 when one never will be, 124 when --timeout ran out.',
    examples: [
      ['procsup wait web --timeout 30s', 'until it is ready'],
      ['procsup wait migrate --for exited', 'until it has ended'],
    ],
  },
  {
    name: 'why',
    summary: 'say why a process runs, or does not',
    operands: ['<NAME>'],
    description: 'Prints the state of a process and the last events that decided it.',
    examples: [['procsup why worker', 'why is it not running?']],
  },
  {
    name: 'ls',
    summary: 'list every project that runs on this machine',
    operands: [],
    description: 'Lists the supervisors that run, of all projects of this user.',
    examples: [['procsup ls --json', 'root, pid and socket of each']],
  },
  {
    name: 'attach',
    summary: "see one process's output and type to it",
    operands: ['<NAME>'],
    description:
      "Shows a process's output and sends what is typed to its stdin, line by line. Ctrl-C sends it SIGINT, Ctrl-D ends its input, Ctrl-P Ctrl-Q leaves it running.",
    examples: [['procsup attach console', 'Ctrl-P Ctrl-Q to leave']],
  },
] as const satisfies readonly CommandSpec[];

export type CommandName = (typeof COMMANDS)[number]['name'];
