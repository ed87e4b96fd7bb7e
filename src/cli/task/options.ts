/** The options of `task`. */
import type { OptionSpec } from '../table/option-spec.ts';

export const TASK_OPTIONS = [
  {
    name: 'jobs',
    short: 'j',
    alias: { name: 'concurrency', hasVariable: false },
    value: 'N',
    default: '100%',
    hasVariable: false,
    commands: ['task'],
  },
  {
    name: 'continue',
    short: 'k',
    alias: { name: 'keep-going', hasVariable: false },
    hasVariable: false,
    commands: ['task'],
  },
  { name: 'force', hasVariable: false, commands: ['task'] },
  { name: 'why', hasVariable: false, commands: ['task'] },
  { name: 'dry-run', short: 'n', hasVariable: false, commands: ['task'] },
  {
    name: 'graph',
    value: 'FORMAT',
    choices: ['dot', 'mermaid', 'json'],
    hasVariable: false,
    commands: ['task'],
  },
  {
    name: 'output',
    value: 'HOW',
    choices: ['prefixed', 'grouped', 'errors'],
    hasVariable: false,
    commands: ['task'],
  },
  { name: 'watch', short: 'w', hasVariable: false, commands: ['task'] },
] as const satisfies readonly OptionSpec[];
