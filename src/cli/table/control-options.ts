/** The options of the commands that ask a running supervisor. */
import type { CommandName } from './commands.ts';
import type { OptionSpec } from './option-spec.ts';

export const CONTROL_OPTIONS = [
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    hasVariable: false,
    commands: ['stop', 'restart', 'down'],
  },
  { name: 'timeout', short: 't', value: 'DURATION', hasVariable: false, commands: ['wait'] },
  { name: 'rolling', hasVariable: false, commands: ['restart'] },
  { name: 'signal', short: 's', value: 'SIGNAL', default: 'SIGKILL', commands: ['kill'] },
  { name: 'follow', short: 'f', commands: ['logs'] },
  {
    name: 'lines',
    short: 'n',
    alias: { name: 'tail', hasVariable: false },
    value: 'COUNT',
    commands: ['logs', 'events'],
  },
  { name: 'since', value: 'DURATION', commands: ['logs', 'events'] },
  { name: 'all', short: 'a', hasVariable: false, commands: ['logs', 'ps', 'cache'] },
  { name: 'older-than', value: 'DURATION', hasVariable: false, commands: ['cache'] },
  { name: 'grep', value: 'REGEXP', commands: ['logs'] },
  { name: 'close-stdin', commands: ['attach', 'send'] },
  { name: 'keys', commands: ['send'] },
  { name: 'force', commands: ['send'] },
  { name: 'secret', commands: ['send'] },
  { name: 'no-follow', commands: ['events'] },
  { name: 'interval', value: 'DURATION', default: '1s', commands: ['stats'] },
  {
    name: 'for',
    value: 'STATE',
    choices: ['ready', 'running', 'exited'],
    default: 'ready',
    commands: ['wait'],
  },
  { name: 'no-wait', commands: ['start', 'stop', 'restart', 'scale'] },
  {
    name: 'json',
    commands: [
      ...['check', 'ps', 'start', 'stop', 'restart', 'scale', 'kill', 'reload', 'down'],
      ...['logs', 'stats', 'events', 'wait', 'why', 'analyze', 'ls', 'pool', 'task', 'queue', 'shm', 'locks'],
      'cache',
    ] as readonly CommandName[],
  },
] as const satisfies readonly OptionSpec[];
