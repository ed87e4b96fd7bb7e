/** All commands as data, in the order of the help: name, group, operands and help text. */

/** A heading of the help. The commands of a group stand together. */
type Group = 'Start here' | 'Run once' | 'While it runs' | 'Look closer' | 'Files and shell';

/** Of `procsup help`, which is commander's own command. */
export const HELP_GROUP: Group = 'Files and shell';
export const HELP_SUMMARY = 'print help for a command';

export interface CommandSpec {
  readonly name: string;
  /** Other names, as known from other tools. */
  readonly aliases?: readonly string[];
  /** Where the help lists it. */
  readonly group: Group;
  readonly summary: string;
  /** Operands as shown in the help; `...` at the end takes any number. */
  readonly operands: readonly string[];
  /** Options end at the first operand: the rest belongs to the program that is run. */
  readonly passThrough?: true;
  readonly description: string;
  /** Command lines and their explanations. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

export const COMMANDS = [
  {
    name: 'start',
    aliases: ['up'],
    group: 'Start here',
    summary: 'start the processes of the Procfile; with -d in the background',
    operands: ['[NAME...]'],
    description:
      'Starts all processes of the Procfile, or only the named ones, prints their merged output, and runs until they exit. With -d they run in the background. If a supervisor is already running for this project, the named processes are started in it; with -d it also reloads its files.',
    examples: [
      ['procsup start', 'start everything in ./Procfile'],
      ['procsup start web worker', 'start only these two'],
      ['procsup start -d', 'start in the background; see ps, logs, down'],
      ['procsup start -m web=2,worker=3', 'two instances of web, three of worker, one of each other process'],
      ['procsup start --restart on-failure --on-exit keep', 'restart processes that crash'],
      ['procsup start -p auto', 'use ports that no other checkout has'],
      ['procsup start -f Procfile.dev -e .env,.env.local', 'use other files'],
    ],
  },
  {
    name: 'ps',
    aliases: ['status', 'list'],
    group: 'Start here',
    summary: 'list processes with their state, CPU, memory and restarts',
    operands: ['[NAME...]'],
    description:
      'Lists all instances, or the named ones. CPU and memory include all child processes of an instance. PORT is what it was given, LISTENS the TCP ports on which it or a child process really listens.',
    examples: [
      ['procsup ps', 'list all instances'],
      ['procsup ps --json web', 'list the instances of web as JSON'],
    ],
  },
  {
    name: 'logs',
    group: 'Start here',
    summary: 'show recent output',
    operands: ['[NAME...]'],
    description:
      "Shows the output of all processes, or of the named ones, since the supervisor was started, in the order in which it was written; with -f the last 100 lines first. 'system' selects procsup's own lines. If the supervisor is not running, shows that of the last one in the background, from its log files.",
    examples: [
      ['procsup logs -f web', 'show recent output of web and follow it'],
      ['procsup logs --since 10m --grep ERROR', 'show matching lines of the last ten minutes'],
      ['procsup logs -n 100 --json', 'print the last 100 lines as JSON'],
      ['procsup logs --all web', 'show output of earlier runs as well'],
    ],
  },
  {
    name: 'down',
    aliases: ['quit'],
    group: 'Start here',
    summary: 'stop all processes and the supervisor',
    operands: [],
    description:
      'Stops all processes in reverse order, then the supervisor. Succeeds if no supervisor is running.',
    examples: [['procsup down', 'stop everything and wait until it has stopped']],
  },
  {
    name: 'run',
    group: 'Run once',
    summary: "run one process or any command in the application's environment",
    operands: ['<NAME|COMMAND>', '[ARG...]'],
    passThrough: true,
    description:
      "Runs one process of the Procfile in its directory, or any command in the current one, in the application's environment, attached to this terminal. Exits with its status.",
    examples: [
      ['procsup run web', 'run only the process web'],
      ['procsup run npm test', 'run a command with the variables of .env'],
      ["procsup run -- sh -c 'echo $PORT'", "-- ends procsup's own options"],
    ],
  },
  {
    name: 'pipe',
    group: 'Run once',
    summary: 'run a pipeline and report the status of the stage that failed',
    operands: ['<PIPELINE|COMMAND>', '[WORD...]'],
    passThrough: true,
    description:
      "Runs a pipeline of programs or of processes of the Procfile, in the application's environment and directory. A single argument is parsed like a shell command line; several arguments are taken as words, with '|' between the stages. Exits with the status of the rightmost failed stage, or 0. A stage terminated by SIGPIPE because its reader had finished has not failed.",
    examples: [
      ["procsup pipe 'seq 1000000 | sort -n | tail -1'", 'run a pipeline given as one argument'],
      ["procsup pipe grep 'two words' file '|' wc -l", 'run a pipeline of words, unchanged'],
      ["procsup pipe --stats 'importer | gzip > out.gz'", 'run a process of the Procfile, print statistics'],
    ],
  },
  {
    name: 'stop',
    group: 'While it runs',
    summary: 'stop processes',
    operands: ['[NAME...]'],
    description:
      'Stops the named processes, or all of them, in reverse order, and waits until they have exited. The supervisor keeps running, so they can be started again.',
    examples: [
      ['procsup stop worker', 'stop all instances of worker'],
      ['procsup stop web.2', 'stop one instance'],
      ['procsup stop -t 30s worker', 'give worker 30 seconds to stop'],
      ['procsup stop -t 30s worker', 'give worker 30 seconds to stop'],
    ],
  },
  {
    name: 'restart',
    group: 'While it runs',
    summary: 'restart processes',
    operands: ['[NAME...]'],
    description:
      'Restarts the named processes, or all of them, and waits until they are running again. The files are not read again: see reload.',
    examples: [
      ['procsup restart web', 'restart all instances of web'],
      ['procsup restart', 'restart everything'],
    ],
  },
  {
    name: 'scale',
    group: 'While it runs',
    summary: 'set the number of instances of processes',
    operands: ['<NAME=COUNT...>'],
    description: 'Starts or stops instances so that each process has the given number.',
    examples: [['procsup scale web=3 worker=0', 'run three instances of web and none of worker']],
  },
  {
    name: 'kill',
    group: 'While it runs',
    summary: 'send a signal to processes',
    operands: ['<NAME...>'],
    description:
      'Sends a signal (default: SIGKILL) to the process groups of running processes. The restart policy applies to processes that exit because of it.',
    examples: [
      ['procsup kill -s HUP web', 'send SIGHUP to web'],
      ['procsup kill worker.1', 'send SIGKILL to worker.1'],
    ],
  },
  {
    name: 'reload',
    group: 'While it runs',
    summary: 'reload the configuration and apply what has changed',
    operands: [],
    description:
      'Reads the Procfile, procsup.yaml and the environment files again. Starts new processes, stops removed ones, restarts changed ones, and lists them.',
    examples: [['procsup reload', 'apply an edit of the Procfile']],
  },
  {
    name: 'wait',
    group: 'While it runs',
    summary: 'wait until processes are ready, running or exited',
    operands: ['<NAME...>'],
    description:
      'Waits until every named process has reached the state. Exits with 1 if one of them can no longer reach it, and with 124 if --timeout is over.',
    examples: [
      ['procsup wait web --timeout 30s', 'wait at most 30 seconds until web is ready'],
      ['procsup wait migrate --for exited', 'wait until migrate has exited'],
    ],
  },
  {
    name: 'attach',
    aliases: ['connect'],
    group: 'While it runs',
    summary: "show a process's output and type into its stdin",
    operands: ['<NAME>'],
    description:
      "Shows a process's output and sends typed lines to its stdin. Ctrl-C sends SIGINT, Ctrl-D closes its stdin, Ctrl-P Ctrl-Q detaches and leaves it running. A process with a terminal of its own (tty) gets all other keys, and the size of this terminal. If procsup's own stdin ends, for example because it is a file or a pipe, that of the process stays open.",
    examples: [['procsup attach console', 'attach to console; Ctrl-P Ctrl-Q detaches']],
  },
  {
    name: 'send',
    group: 'While it runs',
    summary: "write lines to a process's stdin",
    operands: ['<NAME>', '[LINE...]'],
    description:
      "Writes each LINE, or without any all of procsup's own stdin, to the stdin of a running process, and leaves that open. Succeeds when everything has been written; whether the process reads it is not known.",
    examples: [
      ["procsup send game 'say hello'", 'write one line'],
      ['procsup send db < setup.sql', 'write a file'],
      ['procsup send --secret admin < password', 'answer a question that does not show what is typed'],
      ['procsup send --close-stdin sorter < list', 'close its stdin afterwards'],
    ],
  },
  {
    name: 'top',
    aliases: ['monit'],
    group: 'Look closer',
    summary: 'watch processes, CPU, memory and output in full screen',
    operands: [],
    description:
      'Shows processes, their CPU and memory over time, and the output of the selected one. Press ? for the keys.',
    examples: [['procsup top', 'open the full-screen view; q quits']],
  },
  {
    name: 'stats',
    group: 'Look closer',
    summary: 'show CPU and memory',
    operands: ['[NAME...]'],
    description:
      'Prints a table of CPU and memory use. With --json, prints a line of JSON for each interval until interrupted.',
    examples: [
      ['procsup stats', 'print one table'],
      ['procsup stats --json --interval 5s', 'print a line of JSON every 5 seconds'],
    ],
  },
  {
    name: 'events',
    group: 'Look closer',
    summary: 'show events and follow them',
    operands: ['[NAME...]'],
    description: 'Prints recent events, then follows new ones until interrupted.',
    examples: [
      ['procsup events --json', 'print one line of JSON per event'],
      ['procsup events --since 5m --no-follow web', 'show the events of web of the last five minutes'],
    ],
  },
  {
    name: 'why',
    group: 'Look closer',
    summary: 'explain why a process is running or not',
    operands: ['<NAME>'],
    description: 'Prints the state of a process and the last events that led to it.',
    examples: [['procsup why worker', 'explain the state of worker']],
  },
  {
    name: 'ls',
    group: 'Look closer',
    summary: 'list all running projects on this machine',
    operands: [],
    description:
      "Lists the running supervisors of all of this user's projects, with the base port of each; --json also lists the ports that its processes listen on.",
    examples: [['procsup ls --json', 'print root, pid and socket of each as JSON']],
  },
  {
    name: 'init',
    group: 'Files and shell',
    summary: 'write a procsup.yaml for the Procfile, or a first Procfile',
    operands: [],
    description:
      'Writes a procsup.yaml with a commented entry for each process of the Procfile. Without a Procfile, writes one from the scripts of package.json, manage.py or config.ru. Never overwrites a file.',
    examples: [
      ['procsup init', 'write procsup.yaml, or Procfile'],
      ['procsup init --stdout', 'print it instead'],
    ],
  },
  {
    name: 'check',
    group: 'Files and shell',
    summary: 'check the Procfile, procsup.yaml and the environment files',
    operands: [],
    description:
      'Reads the Procfile, procsup.yaml and the environment files, and prints all errors and warnings. Starts nothing.',
    examples: [
      ['procsup check', 'check all files'],
      ['procsup check --strict', 'treat warnings as errors'],
      ['procsup check --json', 'print what would be started, as JSON'],
    ],
  },
  {
    name: 'completion',
    group: 'Files and shell',
    summary: 'print the completion script of a shell',
    operands: ['[SHELL]'],
    description:
      'Prints a script with which bash, zsh or fish completes commands, options and the names of processes when you press Tab. Without SHELL it is the script of your own shell ($SHELL).',
    examples: [
      ['source <(procsup completion bash)', 'in ~/.bashrc; zsh: the same in ~/.zshrc'],
      ['procsup completion fish > ~/.config/fish/completions/procsup.fish', 'for fish'],
    ],
  },
] as const satisfies readonly CommandSpec[];

export type CommandName = (typeof COMMANDS)[number]['name'];
