/** All commands as data, in the order of the help: name, group, operands and help text. */
import type { CommandSpec, Group } from './command-spec.ts';
import { EXCHANGE_COMMANDS } from './exchange/commands.ts';
import { PROCESS_COMMANDS } from './process-commands.ts';
import { SHARE_COMMANDS } from './share-commands.ts';

/** Of `procsup help`, which is commander's own command. */
export const HELP_GROUP: Group = 'Files and shell';
export const HELP_SUMMARY = 'print help for a command';

export const COMMANDS = [
  ...PROCESS_COMMANDS,
  ...SHARE_COMMANDS,
  {
    name: 'queue',
    group: 'Share data',
    summary: 'put messages into queues, and work on them',
    operands: ['<VERB>', '[NAME]', '[WORD...]'],
    description:
      'Queues of the running supervisor. VERB is put [VALUE...] (or lines of stdin), get, ack LEASE..., nack LEASE..., work -- COMMAND, ls, peek, dead, retry [ID...], rm [ID...], drain, pause, resume or set. A message that was put is kept on disk until a reader has acknowledged it; a reader that ends without doing so gives it back. work runs COMMAND for each message, with the message on its stdin and in place of {}: status 0 acknowledges it, 75 gives it back, any other one gives it back after a back-off.',
    examples: [
      ["procsup queue put mail 'to: ann'", 'put a message into the queue mail, which is made by that'],
      ['procsup queue work mail -j 4 -- ./send-mail', 'run ./send-mail for each message, four at a time'],
      ['procsup queue ls', 'list the queues'],
      ['procsup queue dead mail', 'show the messages that have failed for good, and why'],
    ],
  },
  ...EXCHANGE_COMMANDS,
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
    name: 'analyze',
    group: 'Look closer',
    summary: 'show what the last start waited for, and for how long',
    operands: ['[NAME...]'],
    description:
      'Prints the last start as a tree with bars over time: what waited for what, and how long each process took to be ready. A * marks the critical chain, which decided how long the whole start took. With NAME: the last start of these, with what they waited for.',
    examples: [
      ['procsup analyze', 'find out what makes the start slow'],
      ['procsup analyze web', 'show what held up the last start of web'],
    ],
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
