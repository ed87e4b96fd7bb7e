/** The options of `task`. */
import type { OptionSpec } from '../table/option-spec.ts';

const OWN = { hasVariable: false, commands: ['task'] } as const;

export const TASK_OPTIONS = [
  { name: 'jobs', short: 'j', value: 'N', default: '100%', ...OWN },
  { name: 'continue', short: 'k', alias: { name: 'keep-going', hasVariable: false }, ...OWN },
  { name: 'force', ...OWN },
  { name: 'why', ...OWN },
  { name: 'dry-run', short: 'n', ...OWN },
  { name: 'graph', value: 'FORMAT', choices: ['dot', 'mermaid', 'json'], ...OWN },
  { name: 'output', value: 'HOW', choices: ['prefixed', 'grouped', 'errors'], ...OWN },
  { name: 'audit', hasVariable: false, commands: ['task'] },
  { name: 'watch', short: 'w', ...OWN },
] as const satisfies readonly OptionSpec[];
