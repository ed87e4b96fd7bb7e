/**
 * procsup as its users have it: the built program, in a directory of its own, on real kernel pipes. When a test ends,
 * everything it started must be gone, from the process table and from the disk: what procsup left behind fails the test.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { becomes, inTime } from './eventually.ts';
import { makePipe } from './make-pipe.ts';
import { read, signalIfAlive, withCommand, withEnvironment } from './proc.ts';
import { ownPlaces, PROCSUP } from './procsup.ts';
import { openTheatre, type Puppet } from './puppets.ts';
import { scratch } from './scratch.ts';

export interface StartOptions {
  /** By their path; a text that begins with `#!` is executable. */
  readonly files?: Readonly<Record<string, string>>;
  /** What follows `procsup`. Default: start. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A shell line in which `"$@"` is the command line of procsup. */
  readonly through?: string;
  /** Nobody reads its output until `read` is called. */
  readonly unread?: boolean;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line of the merged output. `finished` is false for a piece of a line that goes on. */
export interface Line {
  readonly name: string;
  readonly finished: boolean;
  readonly text: string;
}

export interface Started {
  readonly pid: number;
  readonly root: string;
  /** In the environment of everything that it starts. */
  readonly mark: string;
  readonly ended: Promise<Ended>;
  /** All of stdout and stderr until now. */
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
  /** The lines of stdout that are lines of a process or of ours. */
  readonly lines: readonly Line[];
  /** What a process has printed: its pieces put together again. */
  textOf(name: string): string;
  /** Waits for a line of stdout, now or earlier: one that holds this text, or matches. */
  says(pattern: string | RegExp): Promise<RegExpMatchArray>;
  /** The same for stderr. */
  complains(pattern: string | RegExp): Promise<RegExpMatchArray>;
  /** Of the latest run, or of the one that is yet to start. */
  pidOf(name: string): Promise<number>;
  puppet(name: string): Promise<Puppet>;
  kill(signal: NodeJS.Signals): void;
  /** Begins to read an `unread` output. */
  read(): void;
  /** Reads no more, and lets go of the pipe. */
  leave(): void;
}

/** `start('web: echo hi', '--raw')` */
export function start(procfile: string, ...args: readonly string[]): Started {
  return startWith({ files: { Procfile: `${procfile}\n` }, args: ['start', ...args] });
}

/** The status and all output of a run that ends by itself. */
export async function finished(procfile: string, ...args: readonly string[]): Promise<Started & Ended> {
  const running = start(procfile, ...args);
  return Object.assign(Object.create(running) as Started, await running.ended);
}

let count = 0;

export function startWith(options: StartOptions): Started {
  const { files = {}, args = ['start'], env = {}, through = 'exec "$@"', unread = false } = options;
  const root = scratch(files);
  const temporary = join(root, 'tmp');
  mkdirSync(temporary);
  const socket = join(root, 'puppets');
  const places = ownPlaces();
  const theatre = openTheatre(socket);
  const mark = `TEST_MARK=${process.pid}-${String((count += 1))}-${String(Date.now())};`;

  const stdout = collector();
  const stderr = collector();
  const child = spawn('/bin/sh', ['-c', through, 'sh', PROCSUP, ...args], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      TMPDIR: temporary,
      PUPPET_SOCKET: socket,
      ...places.env,
      ...env,
      TEST_MARK: mark.slice('TEST_MARK='.length),
    },
    stdio: ['ignore', stdout.writeFd, stderr.writeFd],
    detached: true,
  });
  const pid = child.pid ?? 0;
  stdout.begin(!unread);
  stderr.begin(true);

  const story = (): string =>
    `stdout:\n${stdout.bytes.toString().slice(-4000)}\nstderr:\n${stderr.bytes.toString().slice(-4000)}`;
  const ending = Promise.all([exitOf(child), unread ? undefined : stdout.closed, stderr.closed]);
  const ended = inTime(
    ending.then(([end]) => end),
    'procsup does not end',
    story,
  );
  ended.catch(() => undefined);
  let isOver = false;
  let isOrderly = true;
  void exitOf(child).then(({ signal }) => {
    isOver = true;
    isOrderly = signal === null;
  });

  onTestFinished(async () => {
    const wasOver = isOver;
    if (!wasOver) signalIfAlive(-pid, 'SIGKILL');
    const left = await whatIsLeft(mark, pid, wasOver);
    theatre.close();
    stdout.close();
    stderr.close();
    expect(left, `left behind by procsup\n${story()}`).toEqual([]);
    // The lock file of one that was killed tells its successor.
    const onDisk = [...readdirSync(temporary), ...(isOrderly ? places.files() : [])];
    if (wasOver) expect(onDisk, 'left on disk').toEqual([]);
  });

  return {
    pid,
    root,
    mark,
    ended,
    get stdout() {
      return stdout.bytes.toString();
    },
    get stderr() {
      return stderr.bytes.toString();
    },
    get bytes() {
      return stdout.bytes;
    },
    get lines() {
      return stdout.lines.flatMap((line) => parse(line) ?? []);
    },
    textOf(name) {
      const own = this.lines.filter((line) => line.name === name);
      return own.map(({ text, finished: isWhole }) => (isWhole ? `${text}\n` : text)).join('');
    },
    says: (pattern) => inTime(stdout.has(pattern), `a line with ${String(pattern)}`, story),
    complains: (pattern) => inTime(stderr.has(pattern), `a diagnostic with ${String(pattern)}`, story),
    async pidOf(name) {
      const started = new RegExp(`${name.replace('.', '\\.')} started \\(pid (\\d+)\\)`);
      await inTime(stdout.has(started), `${name} starts`, story);
      return Number(stdout.lines.flatMap((line) => started.exec(line)?.[1] ?? []).at(-1));
    },
    puppet: (name) => inTime(theatre.puppet(name), `the puppet ${name} enters`, story),
    kill: (signal) => signalIfAlive(pid, signal),
    read: () => stdout.begin(true),
    leave: () => stdout.close(),
  };
}

function exitOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve({ status: child.exitCode, signal: child.signalCode });
    }
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve({ status, signal }));
  });
}

/** A guardian needs a second for those that do not want to go. Only what stays for good comes near it. */
const GRACE_MS = 60_000;

/** What lives on and should not. It is ended, so that it disturbs no other test. */
async function whatIsLeft(mark: string, pid: number, endedByItself: boolean): Promise<readonly string[]> {
  // The guardian has an environment of its own; its command line holds the mark, which begins with procsup's pid.
  const guardian = new RegExp(`procsup-guardian ${pid.toString(36)}-`);
  const living = () => [...withEnvironment(mark), ...withCommand(guardian)];
  // After an orderly end nothing that was supervised is there any more, not even for a moment.
  const supervised = withEnvironment(mark).filter(({ pid: each }) => isSupervised(each));
  const tooLate = endedByItself ? supervised : [];
  await becomes(() => living().length === 0, GRACE_MS);
  const left = living();
  for (const { pid: each } of left) signalIfAlive(each, 'SIGKILL');
  return [...tooLate, ...left].map(({ pid: each, command }) => `${each} ${command}`);
}

const isSupervised = (pid: number): boolean => read(`/proc/${pid}/environ`).includes('PROCSUP_RUN_ID=');

/** `12:34:56 web.1    | text` */
function parse(line: string): Line | undefined {
  const found = /^(?:[\dT:Z-]+ )?(\S+) +([|>]) (.*)$/s.exec(line);
  if (found === null) return undefined;
  const [, name = '', separator, text = ''] = found;
  return { name, finished: separator === '|', text };
}

interface Collector {
  readonly writeFd: number;
  readonly bytes: Buffer;
  readonly lines: readonly string[];
  readonly closed: Promise<void>;
  /** The program has its end of the pipe now. */
  begin(reading: boolean): void;
  has(pattern: string | RegExp): Promise<RegExpMatchArray>;
  close(): void;
}

function collector(): Collector {
  const { readFd, writeFd } = makePipe();
  const socket = new Socket({ fd: readFd, readable: true, writable: false });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const lines: string[] = [];
  const ears = new Set<(line: string) => void>();
  let chunks: Buffer[] = [];
  let unfinished: Buffer[] = [];
  let isBegun = false;

  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...unfinished, chunk.subarray(from, at)]).toString();
      unfinished = [];
      from = at + 1;
      lines.push(line);
      for (const ear of ears) ear(line);
    }
    if (from < chunk.length) unfinished.push(chunk.subarray(from));
  };

  return {
    writeFd,
    lines,
    closed,
    get bytes() {
      chunks = [Buffer.concat(chunks)];
      return chunks[0] ?? Buffer.alloc(0);
    },
    begin(reading) {
      if (!isBegun) closeSync(writeFd);
      isBegun = true;
      if (reading) socket.on('data', take);
    },
    has(pattern) {
      const matcher = typeof pattern === 'string' ? new RegExp(escape(pattern)) : pattern;
      return new Promise((resolve, reject) => {
        const listen = (line: string): void => {
          const found = line.match(matcher);
          if (found === null) return;
          ears.delete(listen);
          resolve(found);
        };
        for (const line of lines) listen(line);
        ears.add(listen);
        void closed.then(() => reject(new Error(`procsup ended without a line with ${String(pattern)}`)));
      });
    },
    close: () => void socket.destroy(),
  };
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
