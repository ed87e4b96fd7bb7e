/** The options of the commands for what programs exchange and share. */
import type { OptionSpec } from './option-spec.ts';

export const SHARE_OPTIONS = [
  { name: 'from', value: 'FILE', hasVariable: false, commands: ['shm'] },
  {
    name: 'timeout',
    short: 't',
    alias: { name: 'wait', short: 'w', hasVariable: false },
    value: 'DURATION',
    hasVariable: false,
    commands: ['lock'],
  },
  {
    name: 'no-wait',
    alias: { name: 'nonblock', hasVariable: false },
    hasVariable: false,
    commands: ['lock'],
  },
  { name: 'slots', short: 'n', value: 'COUNT', hasVariable: false, commands: ['lock'] },
  { name: 'shared', short: 's', hasVariable: false, commands: ['lock'] },
  { name: 'conflict-exit-code', short: 'E', value: 'STATUS', hasVariable: false, commands: ['lock'] },
] as const satisfies readonly OptionSpec[];
