/** The options of the commands for what programs exchange and share. */
import type { OptionSpec } from './option-spec.ts';

export const SHARE_OPTIONS = [
  {
    name: 'from',
    value: 'FILE',
    description: 'create: begin with the contents of FILE; without SIZE, with as many bytes',
    hasVariable: false,
    commands: ['shm'],
  },
  {
    name: 'timeout',
    short: 't',
    alias: { name: 'wait', short: 'w', hasVariable: false },
    value: 'DURATION',
    description: 'wait at most this long for the lock, then exit with status 124',
    hasVariable: false,
    commands: ['lock'],
  },
  {
    name: 'no-wait',
    alias: { name: 'nonblock', hasVariable: false },
    description: 'exit with status 1 at once if the lock is held',
    hasVariable: false,
    commands: ['lock'],
  },
  {
    name: 'slots',
    short: 'n',
    value: 'COUNT',
    description: 'so many commands may run at a time (default: as many as it has, or 1)',
    hasVariable: false,
    commands: ['lock'],
  },
  {
    name: 'shared',
    short: 's',
    description: 'share the lock with others that do so, and not with those that do not',
    hasVariable: false,
    commands: ['lock'],
  },
  {
    name: 'conflict-exit-code',
    short: 'E',
    value: 'STATUS',
    description: 'exit status if the lock was not granted in time',
    hasVariable: false,
    commands: ['lock'],
  },
] as const satisfies readonly OptionSpec[];
