/** A project with restless programs, its daemon, and whatever the daemon may leave behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createClient, type ControlClient } from '../../src/control/client.ts';
import { becomes, until } from '../helpers/eventually.ts';
import { withCommand, withEnvironment, type Found } from '../helpers/proc.ts';
import { procsup, type Ended } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const WITNESS = resolve(import.meta.dirname, '../fixtures/heap-witness.cjs');

export const LOG_BYTES = 2 * 1024 * 1024;
export const LOG_FILES = 3;

/** A paragraph of real text for the flood: 100 lines of 80 bytes. */
const LINE = 'The quick brown fox jumps over the lazy dog. '.repeat(2).slice(0, 79);

/** Bursts at full speed with a rest, so that a machine with two cores can do other work too. */
const PROGRAMS: Readonly<Record<string, string>> = {
  quick: 'exec sleep 100000',
  web: 'exec sleep 100000',
  polite: `trap 'sleep 0.02; exit 0' TERM; while :; do sleep 0.2; done`,
  stubborn: `trap '' TERM; while :; do sleep 0.2; done`,
  crasher: 'echo now I crash; exit 3',
  bomber: 'sleep 0.05; kill -SEGV $$',
  bytes: `while :; do yes '${LINE}' | head -c 20000000; sleep 2; done`,
  lines: `i=0; while :; do i=$((i+1)); echo "line $i of many"; [ $((i % 20000)) -ne 0 ] || sleep 2; done`,
  processGroup: `sleep 100000 & sh -c 'sleep 100000 & sleep 100000 & wait' & wait`,
  leaver: 'setsid sleep 100000 & exec sleep 100000',
};

export const NAMES = Object.keys(PROGRAMS);
/** What `reload` adds, changes and takes away. */
export const CHANGING = 'extra';

/** As `process.memoryUsage` has it: objects, and the bytes of buffers. */
export interface Heap {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
}

export interface Site {
  readonly pid: number;
  readonly client: ControlClient;
  readonly socket: string;
  readonly logDirectory: string;
  /** Directories in which nothing may pile up. */
  readonly directories: readonly string[];
  /** Of `extra`; null: it is not in the Procfile. */
  writeProcfile(extra: string | null): void;
  /** What the daemon holds when all its garbage is collected, which takes it some 50 ms. */
  heap(): Promise<Heap>;
  run(...args: readonly string[]): Promise<Ended>;
  /** `procsup down`, and what is there all the same afterwards. */
  down(): Promise<readonly string[]>;
}

export async function openSite(): Promise<Site> {
  const root = scratch();
  const env = environment(root);
  const mark = `SOAK_MARK=${env['SOAK_MARK'] ?? ''}`;
  const run = (...args: readonly string[]): Promise<Ended> => procsup(args, { cwd: root, env });
  onTestFinished(() => endAll(mark));

  writeProcfile(root, null);
  const testimony = join(root, 'heap.json');
  const started = await procsup(
    [
      ...[
        'start',
        '-d',
        '--wait',
        'started',
        '--json',
        '--timeout',
        '300ms',
        '--restart',
        'always',
        '--restart-delay',
        '50ms',
      ],
      ...['--log-size', String(LOG_BYTES), '--log-files', String(LOG_FILES)],
    ],
    { cwd: root, env: { ...env, NODE_OPTIONS: `--require=${WITNESS}`, HEAP_WITNESS: testimony } },
  );
  // The crashers are not up, which is status 3 of theirs.
  const { pid } = JSON.parse(started.stdout) as { readonly pid: number };
  const [project] = JSON.parse((await run('ls', '--json')).stdout) as readonly { readonly socket: string }[];
  const socket = project?.socket ?? '';
  const stateDirectory = onlyEntryOf(join(root, 'state/procsup'));
  const temporary = join(root, 'tmp');

  return {
    pid,
    socket,
    client: createClient(socket),
    logDirectory: join(stateDirectory, 'logs'),
    directories: [stateDirectory, temporary, join(root, 'run')],
    writeProcfile: (extra) => writeProcfile(root, extra),
    async heap() {
      rmSync(testimony, { force: true });
      process.kill(pid, 'SIGWINCH');
      await until(() => existsSync(testimony), 'the daemon says what it holds');
      return JSON.parse(readFileSync(testimony, 'utf8')) as Heap;
    },
    run,
    async down() {
      const { status, stderr } = await run('down');
      expect({ status, stderr }).toMatchObject({ status: 0 });
      // A guardian has no mark in its environment but in its words, which begin with the pid of the daemon.
      const guardian = new RegExp(`procsup-guardian ${pid.toString(36)}-`);
      await becomes(() => withCommand(guardian).length === 0, 5000);
      const lockFiles = readdirSync(stateDirectory).filter((name) => !/^(logs|daemon\.log)$/.test(name));
      return [
        ...[...withEnvironment(mark), ...withCommand(guardian)].map(wordsOf),
        ...(existsSync(socket) ? [socket] : []),
        ...readdirSync(temporary).map((name) => join(temporary, name)),
        ...lockFiles.map((name) => join(stateDirectory, name)),
      ];
    },
  };
}

const wordsOf = ({ pid, command }: Found): string => `${String(pid)} ${command}`;

function environment(root: string): Readonly<Record<string, string>> {
  const runtime = join(root, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  mkdirSync(join(root, 'tmp'));
  return {
    HOME: root,
    TMPDIR: join(root, 'tmp'),
    XDG_STATE_HOME: join(root, 'state'),
    XDG_RUNTIME_DIR: runtime,
    SOAK_MARK: `${String(process.pid)}-${String(Date.now())};`,
  };
}

function writeProcfile(root: string, extra: string | null): void {
  const programs = Object.entries(PROGRAMS);
  if (extra !== null) programs.push([CHANGING, extra]);
  writeFileSync(join(root, 'Procfile'), programs.map(([name, line]) => `${name}: ${line}\n`).join(''));
}

function onlyEntryOf(directory: string): string {
  const [name = ''] = readdirSync(directory);
  return join(directory, name);
}

/** After a test that failed: the daemon first, as it would start things again. */
function endAll(mark: string): void {
  for (const { pid } of withEnvironment(mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      continue;
    }
  }
}

/** The last of the daemon's own words, for a failure to be understood. */
export function lastWords({ directories }: Site): string {
  const path = join(directories[0] ?? '', 'daemon.log');
  return existsSync(path) ? readFileSync(path, 'utf8').slice(-4000) : '';
}
