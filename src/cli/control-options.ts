/** The options of the commands that ask a running supervisor. */
import type { CommandName } from './commands-table.ts';
import type { OptionSpec } from './option-spec.ts';

export const CONTROL_OPTIONS = [
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    description:
      "time that processes have to stop before they are killed; 0: kill at once (default: that of 'procsup start')",
    hasVariable: false,
    commands: ['stop', 'restart', 'down'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    description: 'wait at most this long, then exit with status 124',
    hasVariable: false,
    commands: ['wait'],
  },
  {
    name: 'signal',
    short: 's',
    value: 'SIGNAL',
    default: 'SIGKILL',
    description: 'signal to send: a name with or without SIG, or a number',
    commands: ['kill'],
  },
  {
    name: 'follow',
    short: 'f',
    description: 'keep printing new output, until interrupted with Ctrl-C',
    commands: ['logs'],
  },
  {
    name: 'lines',
    short: 'n',
    alias: { name: 'tail', hasVariable: false },
    value: 'COUNT',
    description: 'show only the last COUNT lines',
    descriptions: { events: 'show only the last COUNT events' },
    commands: ['logs', 'events'],
  },
  {
    name: 'since',
    value: 'DURATION',
    description: 'show only the last DURATION (10m), or what is newer than a time (2026-01-31T12:00)',
    commands: ['logs', 'events'],
  },
  {
    name: 'all',
    short: 'a',
    description: 'also show the output of earlier runs of the supervisor',
    descriptions: { ps: 'also show pools, caps, queues, locks and shared memory' },
    hasVariable: false,
    commands: ['logs', 'ps'],
  },
  {
    name: 'grep',
    value: 'REGEXP',
    description: 'show only lines that match this regular expression',
    commands: ['logs'],
  },
  {
    name: 'close-stdin',
    description:
      "close the stdin of the process when everything is written, or procsup's own stdin has ended",
    commands: ['attach', 'send'],
  },
  {
    name: 'keys',
    description: 'to a process with tty: send keys as they are, without Enter',
    commands: ['send'],
  },
  {
    name: 'force',
    description: 'to a process with tty: send lines even if it is a full-screen program',
    commands: ['send'],
  },
  {
    name: 'secret',
    description:
      'to a process with tty: wait until it asks for a password, which it does not show; fail if it does not',
    commands: ['send'],
  },
  {
    name: 'no-follow',
    description: 'print the events so far and exit, instead of waiting for new ones',
    commands: ['events'],
  },
  {
    name: 'interval',
    value: 'DURATION',
    default: '1s',
    description: 'with --json: time between lines',
    commands: ['stats'],
  },
  {
    name: 'for',
    value: 'STATE',
    choices: ['ready', 'running', 'exited'],
    default: 'ready',
    description: 'state to wait for',
    commands: ['wait'],
  },
  {
    name: 'no-wait',
    description: 'return at once, before the processes have started or stopped',
    commands: ['start', 'stop', 'restart', 'scale'],
  },
  {
    name: 'json',
    description: 'print the result as JSON, for scripts',
    descriptions: {
      check: 'print what would be started as JSON, for scripts',
      start: 'with -d: print the pid of the supervisor and the instances as JSON, for scripts',
      ps: 'print the list as JSON, for scripts',
      logs: 'print each line of output as one line of JSON, for scripts',
      stats: 'print one line of JSON per interval, until interrupted, for scripts',
      events: 'print each event as one line of JSON, for scripts',
      why: 'print the explanation as JSON, for scripts',
      analyze: 'print the start as JSON, for scripts',
      ls: 'print the list as JSON, for scripts',
      queue: 'print the answer as JSON, for scripts',
      locks: 'print the list as JSON, for scripts',
      shm: 'print what was made, or the list, as JSON, for scripts',
      pool: 'print a line of JSON for each job instead of its output, for scripts',
    },
    commands: [
      ...['check', 'ps', 'start', 'stop', 'restart', 'scale', 'kill', 'reload', 'down'],
      ...['logs', 'stats', 'events', 'wait', 'why', 'analyze', 'ls', 'pool', 'queue', 'shm', 'locks'],
    ] as readonly CommandName[],
  },
] as const satisfies readonly OptionSpec[];
