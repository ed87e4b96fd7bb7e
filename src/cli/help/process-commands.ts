/** What the help says of the commands that start, run, change and use processes. */
import type { WordsOfCommands } from './words.ts';

export const PROCESS_COMMAND_WORDS = {
  start: {
    group: 'Start here',
    summary: 'start the processes of the Procfile; with -d in the background',
    description:
      'Starts all processes of the Procfile, or only the named ones, prints their merged output, and runs until they exit. With -d they run in the background. If a supervisor is already running for this project, the named processes are started in it; with -d the supervisor also reads its files again.',
    examples: [
      ['procsup start', 'start everything in ./Procfile'],
      ['procsup start web worker', 'start only these two'],
      ['procsup start -d', 'start in the background; see ps, logs, down'],
      ['procsup start -m web=2,worker=3', 'two instances of web, three of worker, one of each other process'],
      ['procsup start --restart on-failure --on-exit keep', 'restart processes that crash'],
      ['procsup start -p auto', 'use ports that no other checkout has'],
      ['procsup start -f Procfile.dev -e .env,.env.local', 'use other files'],
    ],
  },
  ps: {
    group: 'Start here',
    summary: 'list processes with their state, CPU, memory and restarts',
    description:
      'Lists all instances, or the named ones. CPU and memory include all child processes of an instance. PORT is the port that an instance was given, LISTENS shows the TCP ports on which it or a child process really listens.',
    examples: [
      ['procsup ps', 'list all instances'],
      ['procsup ps --json web', 'list the instances of web as JSON'],
      ['procsup ps --all', 'also show pools, caps, queues, locks and shared memory'],
    ],
  },
  logs: {
    group: 'Start here',
    summary: 'show recent output',
    description:
      "Shows the output of all processes, or of the named ones, since the supervisor was started, in the order in which it was written. With -f, shows the last 100 lines and then new output. 'system' selects procsup's own lines. If no supervisor is running, shows the output of the last run in the background, from its log files.",
    examples: [
      ['procsup logs -f web', 'show recent output of web and follow it'],
      ['procsup logs --since 10m --grep ERROR', 'show matching lines of the last ten minutes'],
      ['procsup logs -n 100 --json', 'print the last 100 lines as JSON'],
      ['procsup logs --all web', 'show output of earlier runs as well'],
    ],
  },
  down: {
    group: 'Start here',
    summary: 'stop all processes and the supervisor',
    description:
      'Stops all processes in reverse order, then the supervisor. Succeeds if no supervisor is running.',
    examples: [['procsup down', 'stop everything and wait until it has stopped']],
  },
  run: {
    group: 'Run once',
    summary: "run one process or any command in the application's environment",
    description:
      "Runs one process of the Procfile in the directory of the project, or any command in the current directory, with the application's environment, attached to this terminal. Exits with its status.",
    examples: [
      ['procsup run web', 'run only the process web'],
      ['procsup run npm test', 'run a command with the variables of .env'],
      ["procsup run -- sh -c 'echo $PORT'", "-- ends procsup's own options"],
    ],
  },
  pipe: {
    group: 'Run once',
    summary: 'run a pipeline and report the status of the stage that failed',
    description:
      "Runs a pipeline of programs or of processes of the Procfile, in the application's environment and directory. A single argument is parsed like a shell command line; several arguments are taken as words, with '|' between the stages. Exits with the status of the rightmost failed stage, or 0. A stage that SIGPIPE terminated because its reader had finished does not count as failed.",
    examples: [
      ["procsup pipe 'seq 1000000 | sort -n | tail -1'", 'run a pipeline given as one argument'],
      ["procsup pipe grep 'two words' file '|' wc -l", 'run a pipeline of words, unchanged'],
      ["procsup pipe --stats 'importer | gzip > out.gz'", 'run a process of the Procfile, print statistics'],
    ],
  },
  task: {
    group: 'Run once',
    summary: 'run tasks of procsup.yaml or package.json, with what they need',
    description:
      'Runs the named tasks and all that they depend on, several at once. A task whose inputs are unchanged is not run: its outputs and its output are those of the last time. Processes that a task needs are started for it, and stopped after the last one, unless a supervisor runs them already. After a failure nothing more is started, and what runs may end; with --continue, everything is run that does not depend on it. NAME may be a pattern, npm:NAME is a script of package.json. What follows -- is passed to the named tasks that take arguments. Ctrl-C stops the tasks; pressed again, it kills them. Exits with the status of the first task that failed, 124 for one that timed out.',
    examples: [
      ['procsup task ls', 'print the tasks'],
      ['procsup task build', 'run build and all that it depends on'],
      ['procsup task lint test --continue', 'run both, also if one of them fails'],
      ['procsup task test -- --verbose', 'pass an argument to test'],
      ['procsup task build --why --dry-run', 'tell what would be run, and which input has changed'],
      ['procsup task test --watch', 'run it again whenever its inputs change'],
      ['procsup task ci --graph dot | dot -Tsvg > ci.svg', 'draw the graph'],
    ],
  },
  cache: {
    group: 'Run once',
    summary: 'list or remove results of tasks',
    description:
      "Lists the results of tasks that are kept, those that were used last first: 'ls'; or removes what was not used for 30 days, and what is more than the cache may hold: 'prune'. That is also done at the end of 'procsup task' once a day. The cache is in XDG_CACHE_HOME/procsup/tasks and holds 2GiB, or what PROCSUP_CACHE_SIZE says. Nothing is removed while a run uses it: then 'prune' exits with status 1.",
    examples: [
      ['procsup cache ls', 'show what is kept, how large it is, and what time it saves'],
      ['procsup cache prune --older-than 7d', 'remove what was not used for a week'],
      ['procsup cache prune --all', 'remove everything'],
    ],
  },
  pool: {
    group: 'Run once',
    summary: 'run a command for each of many values, several at once',
    description:
      'Runs COMMAND for each value, as GNU parallel does: values follow :::, stand in files (:::: or -a), or are the lines of stdin. Several ::: are combined; :::+ links two. {} in COMMAND is the value, quoted for the shell; {.} {/} {//} {/.} are parts of a path, {1} {2} values by number, {#} the number of the job and {%} that of its slot. Without any of them the value is appended. pool run NAME sends each value to the workers of a pool of procsup.yaml, which a running supervisor keeps. Ctrl-C starts no more jobs; pressed again, it stops those that are running. Exits with the number of failed jobs, 101 for more than 100.',
    examples: [
      ["procsup pool 'gzip -k {}' ::: *.log", 'compress files, one job for each core'],
      ["procsup pool --worker 'python3 worker.py' ::: a b", 'send values to long-lived workers'],
      ['procsup pool run resize ::: *.png', 'send values to a pool of procsup.yaml'],
      ['find . -name "*.png" -print0 | procsup pool -0 convert {} {.}.jpg', 'names with blanks and newlines'],
      [
        'procsup pool -j 8 --joblog log --resume ./import {1} {2} ::: a b ::: 1 2',
        'go on where it was stopped',
      ],
    ],
  },
  stop: {
    group: 'While it runs',
    summary: 'stop processes',
    description:
      'Stops the named processes, or all of them, in reverse order, and waits until they have exited. The supervisor keeps running, so they can be started again.',
    examples: [
      ['procsup stop worker', 'stop all instances of worker'],
      ['procsup stop web.2', 'stop one instance'],
      ['procsup stop -t 30s worker', 'give worker 30 seconds to stop'],
    ],
  },
  restart: {
    group: 'While it runs',
    summary: 'restart processes',
    description:
      'Restarts the named processes, or all of them, and waits until they are running again. The files are not read again: see reload.',
    examples: [
      ['procsup restart web', 'restart all instances of web'],
      ['procsup restart', 'restart everything'],
    ],
  },
  scale: {
    group: 'While it runs',
    summary: 'set the number of instances of processes',
    description:
      'Starts or stops instances so that each named process has the given number. NAME may be a pattern: * stands for any characters, ? for one.',
    examples: [
      ['procsup scale web=3 worker=0', 'run three instances of web and none of worker'],
      ["procsup scale 'work*=2'", 'run two instances of each process whose name begins with work'],
    ],
  },
  kill: {
    group: 'While it runs',
    summary: 'send a signal to processes',
    description:
      'Sends a signal (default: SIGKILL) to the process groups of running processes. The restart policy applies to processes that exit because of it.',
    examples: [
      ['procsup kill -s HUP web', 'send SIGHUP to web'],
      ['procsup kill worker.1', 'send SIGKILL to worker.1'],
    ],
  },
  reload: {
    group: 'While it runs',
    summary: 'reload the configuration and apply what has changed',
    description:
      'Reads the Procfile, procsup.yaml and the environment files again. Starts new processes, stops removed ones, restarts changed ones, and lists them.',
    examples: [['procsup reload', 'apply an edit of the Procfile']],
  },
  wait: {
    group: 'While it runs',
    summary: 'wait until processes are ready, running or exited',
    description:
      'Waits until every named process has reached the state that --for names. Exits with 1 if one of them can no longer reach it, and with 124 when --timeout is over.',
    examples: [
      ['procsup wait web --timeout 30s', 'wait at most 30 seconds until web is ready'],
      ['procsup wait migrate --for exited', 'wait until migrate has exited'],
    ],
  },
  attach: {
    group: 'While it runs',
    summary: "show a process's output and type into its stdin",
    description:
      "Shows a process's output and sends typed lines to its stdin. Ctrl-C sends SIGINT, Ctrl-D closes its stdin, Ctrl-P Ctrl-Q detaches and leaves it running. A process with a terminal of its own (tty) gets every key but Ctrl-P Ctrl-Q itself, also Ctrl-C and Ctrl-D, and the size of this terminal. When procsup's own stdin ends, for example because it is a file or a pipe, the stdin of the process stays open.",
    examples: [['procsup attach console', 'attach to console; Ctrl-P Ctrl-Q detaches']],
  },
  send: {
    group: 'While it runs',
    summary: "write lines to a process's stdin",
    description:
      'Writes each LINE to the stdin of a running process; without LINE, writes what procsup reads from its own stdin. The stdin of the process stays open. Succeeds when everything has been written, even if the process never reads it.',
    examples: [
      ["procsup send game 'say hello'", 'write one line'],
      ['procsup send db < setup.sql', 'write a file'],
      ['procsup send --secret admin < password', 'answer a question that does not show what is typed'],
      ['procsup send --close-stdin sorter < list', 'close its stdin afterwards'],
    ],
  },
} as const satisfies WordsOfCommands;
