/** What the help says of the commands that show what runs, and of those for files and the shell. */
import type { WordsOfCommands } from './words.ts';

export const LOOK_COMMAND_WORDS = {
  top: {
    group: 'Look closer',
    summary: 'watch processes, CPU, memory and output in full screen',
    description:
      'Shows processes, their CPU and memory over time, and the output of the selected one. Press ? for the keys.',
    examples: [['procsup top', 'open the full-screen view; q quits']],
  },
  stats: {
    group: 'Look closer',
    summary: 'show CPU and memory',
    description:
      'Prints a table of CPU and memory use. With --json, prints a line of JSON for each interval until interrupted.',
    examples: [
      ['procsup stats', 'print one table'],
      ['procsup stats --json --interval 5s', 'print a line of JSON every 5 seconds'],
    ],
  },
  events: {
    group: 'Look closer',
    summary: 'show events and follow them',
    description: 'Prints recent events, then follows new ones until interrupted.',
    examples: [
      ['procsup events --json', 'print one line of JSON per event'],
      ['procsup events --since 5m --no-follow web', 'show the events of web of the last five minutes'],
    ],
  },
  why: {
    group: 'Look closer',
    summary: 'explain why a process is running or not',
    description: 'Prints the state of a process and the last events that led to it.',
    examples: [['procsup why worker', 'explain the state of worker']],
  },
  analyze: {
    group: 'Look closer',
    summary: 'show what the last start waited for, and for how long',
    description:
      'Prints the last start as a tree with bars over time: what waited for what, and how long each process took to be ready. A * marks the critical chain, which decided how long the whole start took. With NAME: the last start of these, with what they waited for.',
    examples: [
      ['procsup analyze', 'find out what makes the start slow'],
      ['procsup analyze web', 'show what held up the last start of web'],
    ],
  },
  ls: {
    group: 'Look closer',
    summary: 'list all running projects on this machine',
    description:
      "Lists the running supervisors of all of this user's projects, with the base port of each; --json also lists the ports that its processes listen on.",
    examples: [['procsup ls --json', 'print root, pid and socket of each as JSON']],
  },
  init: {
    group: 'Files and shell',
    summary: 'write a procsup.yaml for the Procfile, or a first Procfile',
    description:
      'Writes a procsup.yaml with a commented entry for each process of the Procfile. Without a Procfile, writes one from the scripts of package.json, manage.py or config.ru. Never overwrites a file.',
    examples: [
      ['procsup init', 'write procsup.yaml, or Procfile'],
      ['procsup init --stdout', 'print it instead'],
    ],
  },
  check: {
    group: 'Files and shell',
    summary: 'check the Procfile, procsup.yaml and the environment files',
    description:
      'Reads the Procfile, procsup.yaml and the environment files, and prints all errors and warnings. Starts nothing.',
    examples: [
      ['procsup check', 'check all files'],
      ['procsup check --strict', 'treat warnings as errors'],
      ['procsup check --json', 'print what would be started, as JSON'],
    ],
  },
  completion: {
    group: 'Files and shell',
    summary: 'print the completion script of a shell',
    description:
      'Prints a script with which bash, zsh or fish completes commands, options and the names of processes when you press Tab. Without SHELL it is the script of your own shell ($SHELL).',
    examples: [
      ['source <(procsup completion bash)', 'in ~/.bashrc; zsh: the same in ~/.zshrc'],
      ['procsup completion fish > ~/.config/fish/completions/procsup.fish', 'for fish'],
    ],
  },
} as const satisfies WordsOfCommands;
