/** What the help says of the options of all commands, and of those that read the files of the project. */
import type { RUN_OPTIONS } from '../table/run-options.ts';
import type { WordsFor } from './words.ts';

export const RUN_OPTION_WORDS = {
  file: 'Procfile to read (default: Procfile, or PROCFILE= in .env, here or in the nearest parent directory)',
  root: {
    others: 'directory of the project (default: that of the Procfile)',
    pool: 'directory in which the jobs run (default: the current one)',
  },
  env: 'comma-separated environment files; later files override earlier ones (default: .env)',
  'env-expand':
    'expand ${NAME}, $NAME and ${NAME:-default} in environment files, except in single quotes (default: env_expand in procsup.yaml)',
  color: 'when to use colors',
  'no-color': 'same as --color never',
  port: "base port, from which the PORT of each process is derived; auto: ports that no other project or checkout uses (default: 'port' in procsup.yaml, PORT from .env or the environment, or 5000)",
  'no-local-bin': 'do not put node_modules/.bin and .venv/bin of the project in front of PATH',
  formation: 'number of instances per process: web=2,worker=1,all=1',
  exclude: 'process to leave out; may be repeated, and may be a pattern',
  profile: 'start processes of this profile as well; may be repeated',
  'no-deps': 'do not start what the named processes depend on, and do not wait for it',
  now: 'where procsup is running: start the named processes at once, whatever they wait for',
  timeout: {
    start: 'time that processes have to stop before they are killed',
    pipe: 'stop the pipeline after this time and exit with status 124',
  },
  last: 'exit with the status of the last stage, even if an earlier one failed',
  stats: 'at the end, print statistics of each stage to stderr; --stats=json: as JSON',
  progress: 'show a live progress line: bytes per stage; * marks the stage that the others wait for',
  restart: 'when to restart a process that has exited',
  'restart-delay': 'delay before the first restart; doubles with each further one',
  'on-exit': 'what to do with the other processes when one has exited for good',
  timestamps: 'time format at the start of each line',
  'no-prefix': 'print lines without time and process name',
  raw: 'print the unmodified output of a single process',
  detach: 'run in the background; return when all processes are ready',
  wait: 'with -d: return when all processes are ready, by default when they listen or have run for a second; started: when they run',
  'wait-timeout':
    'with -d: wait at most this long, then exit with status 124 and leave the processes running',
  stdin:
    "what processes read from their standard input: open: nothing, until 'procsup send' or 'attach' writes to it; null: its end at once, as from /dev/null",
  tty: 'comma-separated processes that get a terminal of their own, for colors and prompts (Linux)',
  watch: 'restart processes when files of the project change (default: as procsup.yaml says)',
  'no-watch': 'watch no files',
  'log-size': 'with -d: size at which a log file is rotated',
  'log-files': 'with -d: number of log files kept per process; 0 for none',
  stdout: 'print the file instead of writing it',
  strict: 'treat warnings as errors',
} as const satisfies WordsFor<typeof RUN_OPTIONS>;
