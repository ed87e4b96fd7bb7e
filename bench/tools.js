// How each tool is started on a Procfile, and what it cannot do. Nothing else in bench/ knows a tool by name,
// but for `procsup` and `prefix.c`, against which the others are held.
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTasks, procsupTasks, runAllTasks, turboTasks, wireitTasks } from './task-tools.js';

/**
 * What a tool is given to run.
 * @typedef {object} Job
 * @property {string} dir        an empty directory, the working directory too
 * @property {string} procfile   its Procfile, written already
 * @property {Record<string, string>} commands  the same by name
 */

/** @typedef {{ slots: number, command: string[], tag?: boolean }} PoolWork */

/**
 * @typedef {object} Adapter
 * @property {string} name
 * @property {string} [program]   where it is, if not on PATH under its name
 * @property {(dir: string, pairs: import('./measures/dependents.js').Pair[]) => string[]} [pairs]  the arguments that run these; without it, it does not check whether a process is ready
 * @property {string[]} [version]  the arguments that make it say its version; without them, it cannot
 * @property {RegExp} [versionIn]  where it stands in what it says; else it is the first that looks like one
 * @property {(job: Job) => string[]} [start]    the arguments that run the job in the foreground
 * @property {(job: Job) => string[]} [restart]  the same, restarting at once what failed; without it, it cannot
 * @property {(job: Job) => string[]} [terminal]  the same as start, each process in a terminal of its own; without it, it cannot
 * @property {(commands: string[]) => string[]} [pipeline]  the arguments that run these as a pipeline
 * @property {(work: PoolWork) => string[]} [pool]  the arguments that run the command once for each line of stdin
 * @property {import('./task-tools.js').WriteTasks} [tasks]  writes its files for these tasks, and returns the arguments that run them
 * @property {boolean} [keepsResults]  a task whose inputs are unchanged is not run
 * @property {boolean} [hasGraph]  a task may need others
 * @property {string} [runsBelow]  the program that is to start it
 * @property {boolean} [tags]     its pool can write the value before each line
 * @property {boolean} [screen]   it draws on a screen, so it runs below script(1), and its log files are counted
 * @property {string[]} [only]    the measures in which it takes part; without it, in all
 * @property {string} [note]      what a reader of its figures must know
 */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const executable = join(root, 'bin', 'procsup.js');

export const OURS = 'procsup';
export const LIMIT = 'prefix.c';
/** Against which pipelines are held. */
export const SHELL = 'sh';

/** A restart measure lets a process die so often, no more: runners give up after some. */
export const RESTARTS = 5;

/** @type {Adapter[]} */
export const ADAPTERS = [
  {
    name: OURS,
    program: executable,
    version: ['--version'],
    start: ({ procfile }) => ['start', '-f', procfile],
    terminal: ({ procfile, commands }) => ['start', '-f', procfile, '--tty', Object.keys(commands).join(',')],
    restart: ({ procfile }) => ['start', '-f', procfile, '--restart', 'always', '--restart-delay', '0'],
    pipeline: (commands) => ['pipe', commands.join(' | ')],
    pool: ({ slots, command, tag }) => ['pool', `-j${slots}`, ...(tag ? ['--tag'] : []), ...command],
    tags: true,
    ...{ tasks: procsupTasks, keepsResults: true, hasGraph: true },
    pairs: (dir, pairs) => {
      writeFileSync(join(dir, 'procsup.yaml'), JSON.stringify({ processes: procsupPairs(pairs) }));
      return ['start', '--timeout', '1s'];
    },
  },
  {
    name: 'node procsup',
    program: 'node',
    version: [executable, '--version'],
    start: ({ procfile }) => [executable, 'start', '-f', procfile],
    only: ['startup'],
    note: 'the same program without the `sh` that records the limit of open files first.',
  },
  {
    name: 'foreman',
    version: ['--version'],
    start: ({ procfile }) => ['start', '-f', procfile],
  },
  {
    name: 'honcho',
    version: ['--version'],
    start: ({ procfile }) => ['start', '-f', procfile],
    note: 'runs one process per child; memory and CPU are the sum of them.',
  },
  {
    name: 'overmind',
    version: ['--version'],
    start: ({ procfile, dir }) => ['start', '-f', procfile, '-s', join(dir, 'overmind.sock')],
    terminal: ({ procfile, dir }) => ['start', '-f', procfile, '-s', join(dir, 'overmind.sock')],
    restart: ({ procfile, dir }) => ['start', '-f', procfile, '-s', join(dir, 'overmind.sock'), '-r', 'all'],
    note: 'its children run in terminals of a tmux server, which is counted as part of it.',
  },
  {
    name: 'hivemind',
    version: ['--version'],
    start: ({ procfile }) => [procfile],
    terminal: ({ procfile }) => [procfile],
    note: 'its children run in terminals.',
  },
  {
    name: 'goreman',
    version: ['version'],
    start: ({ procfile }) => ['-f', procfile, '-rpc-server=false', 'start'],
  },
  {
    name: 'forego',
    version: ['version'],
    start: ({ procfile }) => ['start', '-f', procfile],
  },
  {
    name: 'nf',
    version: ['--version'],
    start: ({ procfile }) => ['-j', procfile, 'start'],
  },
  {
    name: 'concurrently',
    version: ['--version'],
    start: ({ commands }) => concurrently(commands),
    restart: ({ commands }) => [
      '--restart-tries',
      String(RESTARTS),
      '--restart-after',
      '0',
      ...concurrently(commands),
    ],
    note: 'reads no Procfile, so it gets the same commands as arguments; its lines have no time.',
  },
  {
    name: 'mprocs',
    version: ['--version'],
    terminal: ({ dir, commands }) => [
      ...['--log-dir', join(dir, 'screens'), '--log-mode', 'truncate'],
      ...['--names', Object.keys(commands).join(','), ...Object.values(commands)],
    ],
    screen: true,
    only: ['terminal'],
    note: 'draws one of its terminals on a screen; counted are its log files, which have no prefixes. script(1), below which it runs, is not counted.',
  },
  {
    name: 'process-compose',
    version: ['version'],
    // Built by `go install` it says `undefined`; below that stands the number of its license.
    versionIn: /^Version:\s+v?(\d\S*)/m,
    start: (job) => processCompose(job, {}),
    restart: (job) => processCompose(job, { availability: { restart: 'on_failure', backoff_seconds: 1 } }),
    pairs: (dir, pairs) => writeProcessCompose(dir, processComposePairs(pairs), { shell: POSIX_SHELL }),
    note: 'reads no Procfile, so it gets the same commands in its YAML; its shortest restart delay is one second, and so is the time between two checks of HTTP.',
  },
  {
    name: 'parallel',
    version: ['--version'],
    pool: ({ slots, command, tag }) => ['--will-cite', `-j${slots}`, ...(tag ? ['--tag'] : []), ...command],
    tags: true,
    only: ['pool'],
  },
  {
    name: 'xargs',
    version: ['--version'],
    pool: ({ slots, command }) => ['-n1', `-P${slots}`, ...command],
    only: ['pool'],
    note: 'starts no shell, and mixes output.',
  },
  {
    name: 'make',
    version: ['--version'],
    ...{ tasks: makeTasks, hasGraph: true },
    only: ['task'],
    note: 'has no cache of results: its tasks are always run.',
  },
  {
    name: 'turbo',
    version: ['--version'],
    ...{ tasks: turboTasks, keepsResults: true },
    only: ['task'],
    note: 'runs each task below npm; a thousand of them take minutes, so chain and fan are left out.',
  },
  {
    name: 'wireit',
    // It says no version, and runs below npm only.
    ...{ tasks: wireitTasks, keepsResults: true, hasGraph: true, runsBelow: 'npm' },
    only: ['task'],
  },
  {
    name: 'run-p',
    ...{ tasks: runAllTasks },
    only: ['task'],
    note: 'is of npm-run-all2: no graph, no cache, and each task below npm.',
  },
  {
    name: SHELL,
    pipeline: (commands) => ['-c', commands.join(' | ')],
    only: ['pipeline'],
  },
  {
    name: 'bash',
    version: ['--version'],
    pipeline: (commands) => ['-c', commands.join(' | ')],
    only: ['pipeline'],
  },
  {
    name: 'execa',
    program: 'node',
    version: [join(root, 'bench', 'pipe-execa.js'), '--version'],
    pipeline: (commands) => [join(root, 'bench', 'pipe-execa.js'), ...commands],
    only: ['pipeline'],
    note: '`.pipe()` with `buffer: false`: else it ends after 100 MB.',
  },
  {
    name: 'zx',
    version: ['--version'],
    pipeline: (commands) => [join(root, 'bench', 'pipe-zx.js'), ...commands],
    only: ['pipeline'],
    note: '`.pipe()`; it keeps all that passes in memory.',
  },
];

/** @returns {Adapter} another build of procsup, in this directory */
export function earlier(dir) {
  return {
    ...ADAPTERS[0],
    name: 'earlier',
    program: join(resolve(dir), 'bin', 'procsup.js'),
    only: ['startup', 'output', 'memory', 'restart', 'latency', 'idle'],
    note: 'procsup as it is in the directory of --against.',
  };
}

function concurrently(commands) {
  return ['--names', Object.keys(commands).join(','), ...Object.values(commands)];
}

/** YAML is a superset of JSON. */
function processCompose({ dir, commands }, settings) {
  const processes = Object.entries(commands).map(([name, command]) => [name, { command, ...settings }]);
  return writeProcessCompose(dir, Object.fromEntries(processes));
}

function writeProcessCompose(dir, processes, settings = {}) {
  const file = join(dir, 'process-compose.yaml');
  writeFileSync(file, JSON.stringify({ version: '0.5', ...settings, processes }));
  return ['up', '-f', file, '--tui=false', '--no-server', '-L', join(dir, 'process-compose.log')];
}

/** Its own is bash, which starts more slowly. */
const POSIX_SHELL = { shell_command: 'sh', shell_argument: '-c' };

function procsupPairs(pairs) {
  return Object.fromEntries(
    pairs.flatMap(({ name, command, kind, port, dependent, waiting }) => [
      [
        name,
        {
          command,
          environment: { PORT: String(port) },
          ready: kind === 'log' ? { log: '^ready in' } : { http: '/' },
        },
      ],
      [dependent, { command: waiting, depends_on: [name] }],
    ]),
  );
}

/** Each second is as often as it can ask. */
function processComposePairs(pairs) {
  return Object.fromEntries(
    pairs.flatMap(({ name, command, kind, port, dependent, waiting }) => {
      const http_get = { host: 'localhost', scheme: 'http', path: '/', port };
      const check =
        kind === 'log'
          ? { ready_log_line: 'ready in' }
          : {
              readiness_probe: {
                http_get,
                period_seconds: 1,
                initial_delay_seconds: 0,
                failure_threshold: 1000,
              },
            };
      const condition = kind === 'log' ? 'process_log_ready' : 'process_healthy';
      return [
        [name, { command, ...check }],
        [dependent, { command: waiting, depends_on: { [name]: { condition } } }],
      ];
    }),
  );
}
