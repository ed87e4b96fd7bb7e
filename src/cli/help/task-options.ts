/** What the help says of the options of `task`. */
import type { TASK_OPTIONS } from '../task/options.ts';
import type { WordsFor } from './words.ts';

export const TASK_OPTION_WORDS = {
  jobs: 'commands at once: a number, +N or -N beside the cores, N% of them, or 0 for as many as possible',
  continue: 'after a failure, run everything that does not depend on it',
  force: 'run the tasks even if their results are cached',
  why: 'tell for each task that is run why no cached result stands for it',
  'dry-run': 'print what would be run, and what is cached, instead of running it',
  graph: 'print the graph of the tasks instead of running them',
  output:
    'name before each line, output of a task in one piece when it has ended, or only of those that failed (default: prefixed; of a single task as it is)',
  audit:
    'run the named tasks under strace, and tell which files they read and write without declaring it (Linux)',
  watch: 'run again what a change of files concerns, until Ctrl-C',
} as const satisfies WordsFor<typeof TASK_OPTIONS>;
