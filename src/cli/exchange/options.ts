/** The options of `value`, `flag`, `barrier` and `channel`. */
import type { OptionSpec } from '../table/option-spec.ts';

export const EXCHANGE_OPTIONS = [
  { name: 'if-missing', hasVariable: false, commands: ['value'] },
  { name: 'until', value: 'VALUE', hasVariable: false, commands: ['value'] },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    hasVariable: false,
    commands: ['value', 'flag', 'barrier', 'channel'],
  },
  { name: 'count', short: 'n', value: 'COUNT', hasVariable: false, commands: ['channel'] },
  { name: 'broadcast', hasVariable: false, commands: ['channel'] },
  { name: 'json', hasVariable: false, commands: ['value', 'flag', 'channel'] },
] as const satisfies readonly OptionSpec[];
