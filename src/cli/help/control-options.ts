/** What the help says of the options of the commands that ask a running supervisor. */
import type { CONTROL_OPTIONS } from '../table/control-options.ts';
import type { WordsFor } from './words.ts';

export const CONTROL_OPTION_WORDS = {
  timeout: {
    others:
      "time that processes have to stop before they are killed; 0: kill at once (default: that of 'procsup start')",
    wait: 'wait at most this long, then exit with status 124',
  },
  rolling: 'stop the old run when the new one is ready, one instance after the other',
  signal: 'signal to send: a name with or without SIG, or a number',
  follow: 'keep printing new output, until interrupted with Ctrl-C',
  lines: { others: 'show only the last COUNT lines', events: 'show only the last COUNT events' },
  since: 'show only the last DURATION (10m), or what is newer than a time (2026-01-31T12:00)',
  all: {
    others: 'also show the output of earlier runs of the supervisor',
    ps: 'also show pools, caps, queues, locks and shared memory',
    cache: 'prune: remove everything',
  },
  'older-than': 'prune: remove what was not used for longer than this (default: 30d)',
  grep: 'show only lines that match this regular expression',
  'close-stdin':
    "close the stdin of the process when everything is written, or procsup's own stdin has ended",
  keys: 'to a process with tty: send keys as they are, without Enter',
  force: 'to a process with tty: send lines even if it is a full-screen program',
  secret:
    'to a process with tty: wait until it asks for a password, which it does not show; fail if it does not',
  'no-follow': 'print the events so far and exit, instead of waiting for new ones',
  interval: 'with --json: time between lines',
  for: 'state to wait for',
  'no-wait': 'return at once, before the processes have started or stopped',
  json: {
    others: 'print the result as JSON, for scripts',
    check: 'print what would be started as JSON, for scripts',
    start: 'with -d: print the pid of the supervisor and the instances as JSON, for scripts',
    ps: 'print the list as JSON, for scripts',
    logs: 'print each line of output as one line of JSON, for scripts',
    stats: 'print one line of JSON per interval, until interrupted, for scripts',
    events: 'print each event as one line of JSON, for scripts',
    why: 'print the explanation as JSON, for scripts',
    analyze: 'print the start as JSON, for scripts',
    ls: 'print the list as JSON, for scripts',
    task: 'print a summary as JSON, for scripts; the output of the tasks goes to stderr',
    cache: 'print the list, or what was removed, as JSON, for scripts',
    queue: 'print the answer as JSON, for scripts',
    locks: 'print the list as JSON, for scripts',
    shm: 'print what was made, or the list, as JSON, for scripts',
    pool: 'print a line of JSON for each job instead of its output, for scripts',
  },
} as const satisfies WordsFor<typeof CONTROL_OPTIONS>;
