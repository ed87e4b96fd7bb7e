/** The options of `queue`. Which verb takes which is told by its own help text and checked in verbs.ts. */
import type { OptionSpec } from '../table/option-spec.ts';

export const QUEUE_OPTIONS = [
  { name: 'count', short: 'n', value: 'COUNT', hasVariable: false, commands: ['queue'] },
  { name: 'wait', value: 'DURATION', hasVariable: false, commands: ['queue'] },
  { name: 'no-wait', hasVariable: false, commands: ['queue'] },
  { name: 'lease', value: 'DURATION', hasVariable: false, commands: ['queue'] },
  { name: 'delay', value: 'DURATION', hasVariable: false, commands: ['queue'] },
  { name: 'priority', value: 'NUMBER', hasVariable: false, commands: ['queue'] },
  { name: 'key', value: 'KEY', hasVariable: false, commands: ['queue'] },
  { name: 'replace', hasVariable: false, commands: ['queue'] },
  { name: 'again', hasVariable: false, commands: ['queue'] },
  { name: 'reason', value: 'TEXT', hasVariable: false, commands: ['queue'] },
  { name: 'workers', short: 'j', value: 'COUNT', hasVariable: false, default: '1', commands: ['queue'] },
  { name: 'attempts', value: 'COUNT', hasVariable: false, commands: ['queue'] },
  { name: 'backoff', value: 'DURATION', hasVariable: false, commands: ['queue'] },
  { name: 'maxsize', value: 'COUNT', hasVariable: false, commands: ['queue'] },
  {
    name: 'durable',
    value: 'YES|NO',
    hasVariable: false,
    choices: ['yes', 'no'],
    default: 'yes',
    commands: ['queue'],
  },
  { name: 'on', value: 'URL', hasVariable: false, commands: ['queue'] },
] as const satisfies readonly OptionSpec[];
