/** The options of `value`, `flag`, `barrier` and `channel`. */
import type { OptionSpec } from '../option-spec.ts';

export const EXCHANGE_OPTIONS = [
  {
    name: 'if-missing',
    hasVariable: false,
    description: 'set: only if the value does not exist; exit with status 1 if it does',
    commands: ['value'],
  },
  {
    name: 'until',
    value: 'VALUE',
    hasVariable: false,
    description: 'watch: exit when the value equals VALUE',
    commands: ['value'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    hasVariable: false,
    description: 'wait at most this long, then exit with status 124',
    commands: ['value', 'flag', 'barrier', 'channel'],
  },
  {
    name: 'count',
    short: 'n',
    value: 'COUNT',
    hasVariable: false,
    description: 'recv: exit after COUNT messages',
    commands: ['channel'],
  },
  {
    name: 'broadcast',
    hasVariable: false,
    description: 'recv: receive every message, as all other receivers do',
    commands: ['channel'],
  },
  {
    name: 'json',
    hasVariable: false,
    description: 'print JSON, for scripts',
    descriptions: { value: 'read and print values as JSON' },
    commands: ['value', 'flag', 'channel'],
  },
] as const satisfies readonly OptionSpec[];
