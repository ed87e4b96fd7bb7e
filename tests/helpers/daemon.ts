/**
 * A project that is supervised in the background, as its users have it: each command is the built program in a process
 * of its own. When a test ends its supervisor is ended by `down`, and what is left then fails the test: a process, a
 * socket, a lock file, a pipe.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { LockOwner } from '../../src/os/files/lock-files.ts';
import { placesOf, type Places } from '../../src/os/files/places.ts';
import { becomes, inTime, until } from './eventually.ts';
import { isAlive, signalIfAlive, withCommand, withEnvironment } from './proc.ts';
import { launch, ownPlaces, PROCSUP, type Ended } from './procsup.ts';
import { openTheatre, type Puppet } from './puppets.ts';
import { scratch } from './scratch.ts';

export interface ProjectOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** In the environment of every command. */
  readonly env?: Readonly<Record<string, string>>;
  /** A supervisor is killed that has a directory for pipes, and no guardian yet that removes it. */
  readonly mayLeavePipes?: boolean;
}

/** A command that goes on. */
export interface Client {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Ended>;
  /** Waits until its stdout holds this. */
  says(pattern: string | RegExp): Promise<void>;
  complains(pattern: string | RegExp): Promise<void>;
  /** On its stdin, which is a pipe. */
  type(text: string): void;
  /** Its stdin ends. */
  hangUp(): void;
  kill(signal: NodeJS.Signals): void;
}

export interface Project {
  readonly root: string;
  readonly places: Places;
  /** In the environment of everything that is started here. */
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
  /** `run('ps', '--json')` */
  run(...words: readonly string[]): Promise<Ended>;
  begin(...words: readonly string[]): Client;
  /** Any program, in the environment of the project. */
  beginProgram(program: string, ...words: readonly string[]): Client;
  /** What a command prints as JSON; its status is to be 0. */
  json<T>(...words: readonly string[]): Promise<T>;
  /** `start -d`, which is to succeed. Returns the pid of the daemon. */
  up(...words: readonly string[]): Promise<number>;
  ps(...names: readonly string[]): Promise<readonly Row[]>;
  /** The pid that the one instance of this name has now. */
  pidOf(name: string): Promise<number>;
  puppet(name: string): Promise<Puppet>;
  /** Who says that the project is his, dead or alive. */
  owner(): LockOwner | undefined;
  /** Of a daemon that is killed: by what it has said of itself. */
  guardians(): readonly { readonly pid: number }[];
  daemonLog(): string;
  write(path: string, text: string): void;
}

/** What `ps --json` says of an instance. */
export interface Row {
  readonly name: string;
  readonly process: string;
  readonly instance: number;
  readonly state: string;
  readonly ready: boolean;
  readonly pid: number | null;
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly memoryKind: 'pss' | 'rss' | null;
  readonly uptime: number | null;
  readonly restarts: number;
  readonly port: number;
  readonly exit: { readonly code?: number; readonly signal?: string } | null;
  readonly command: string;
}

let count = 0;

export function project(procfile: string, options: ProjectOptions = {}): Project {
  const { files = {}, env: own = {}, mayLeavePipes = false } = options;
  const root = scratch({ Procfile: `${procfile}\n`, ...files });
  const temporary = join(root, 'tmp');
  mkdirSync(temporary);
  const theatre = openTheatre(join(root, 'puppets'));
  const mine = ownPlaces();
  const mark = `TEST_MARK=d${process.pid}-${String((count += 1))}-${String(Date.now())};`;
  const env = {
    TMPDIR: temporary,
    PUPPET_SOCKET: join(root, 'puppets'),
    ...mine.env,
    // When processes are ready is a matter of tests of their own.
    PROCSUP_WAIT: 'started',
    ...own,
    TEST_MARK: mark.slice('TEST_MARK='.length),
  };
  const places = placesOf(root, env);
  // Its command line holds the directory of the pipes.
  const guardians = () => withCommand(new RegExp(`procsup-guardian .*${root}/`));

  const beginProgram = (program: string, ...words: readonly string[]) =>
    client(program, words, { cwd: root, env });
  const begin = (...words: readonly string[]) => beginProgram(PROCSUP, ...words);
  const run = (...words: readonly string[]) => begin(...words).ended;
  const json = async <T>(...words: readonly string[]): Promise<T> => {
    const ended = await run(...words);
    expect(ended, words.join(' ')).toMatchObject({ status: 0 });
    return JSON.parse(ended.stdout) as T;
  };
  const ps = (...names: readonly string[]) => json<readonly Row[]>('ps', '--json', ...names);

  onTestFinished(async () => {
    const { status, stderr } = await run('down');
    const supervised = withEnvironment('PROCSUP_RUN_ID=').map(({ pid }) => pid);
    const ours = () => withEnvironment(mark);
    const tooLate = ours().filter(({ pid }) => supervised.includes(pid));
    const living = () => [...ours(), ...guardians()];
    await becomes(() => living().length === 0, GRACE_MS);
    const processes = [...tooLate, ...living()].map(({ pid, command }) => `${String(pid)} ${command}`);
    for (const { pid } of living()) signalIfAlive(pid, 'SIGKILL');
    theatre.close();
    expect({ status, processes }, `after down: ${stderr}`).toEqual({ status: 0, processes: [] });
    const strangers = [...(mayLeavePipes ? [] : readdirSync(temporary)), ...mine.files()].filter(
      (path) => !MAY_STAY.test(path),
    );
    expect(strangers, 'left on disk').toEqual([]);
  });

  return {
    root,
    places,
    mark,
    env,
    run,
    begin,
    beginProgram,
    json,
    async up(...words) {
      const ended = await run('start', '-d', ...words);
      expect(ended, `start -d ${words.join(' ')}`).toMatchObject({ status: 0 });
      return Number(/in the background \(pid (\d+)\)/.exec(ended.stdout)?.[1]);
    },
    ps,
    pidOf: async (name) => (await ps(name))[0]?.pid ?? 0,
    puppet: (name) => inTime(theatre.puppet(name), `the puppet ${name} enters`, () => daemonLogIn(places)),
    owner() {
      const path = join(places.stateDirectory, 'holder');
      return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as LockOwner) : undefined;
    },
    guardians,
    daemonLog: () => daemonLogIn(places),
    write: (path, text) => writeFileSync(join(root, path), text),
  };
}

/** The logs, its ports, and until when it looked at its schedules are what a project keeps. */
const MAY_STAY =
  /^state\/procsup\/(ports\/[\w-]+\.json|[^/]+\/(daemon\.log(\.1)?|schedules|queues\.(sqlite|ballast|commits)|logs\/[\w.@-]+))$/;
/** For clients that the test itself has killed. Only what stays for good comes near it. */
const GRACE_MS = 60_000;

function daemonLogIn({ daemonLog }: Places): string {
  return existsSync(daemonLog) ? readFileSync(daemonLog, 'utf8') : '';
}

function client(
  program: string,
  words: readonly string[],
  surroundings: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Client {
  const { child, ended } = launch(program, words, surroundings);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes: Buffer) => (output.stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output.stderr += bytes.toString()));
  child.stdin.on('error', () => undefined);
  const story = (): string => `${words.join(' ')}\nstdout:\n${output.stdout}\nstderr:\n${output.stderr}`;
  const has = (text: string, pattern: string | RegExp) =>
    typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
  const shows = async (stream: 'stdout' | 'stderr', pattern: string | RegExp): Promise<void> => {
    if (await becomes(() => has(output[stream], pattern))) return;
    throw new Error(`no ${String(pattern)} on ${stream}: ${story()}`);
  };
  const inGoodTime = inTime(ended, 'the command does not end', story);
  inGoodTime.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    ended: inGoodTime,
    says: (pattern) => shows('stdout', pattern),
    complains: (pattern) => shows('stderr', pattern),
    type: (text) => void child.stdin.write(text),
    hangUp: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
  };
}

/** Waits until each of these has ended. */
export function gone(pids: readonly number[]): Promise<void> {
  return until(() => !pids.some(isAlive), `pids ${pids.join(', ')} have ended`);
}
