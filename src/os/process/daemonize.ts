/** The parent's side of `start -d`: starts the daemon in its own session, with only a channel to report its start. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, renameSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { openForAppending } from '../files/appended-file.ts';
import { closeInherited } from './descriptors.ts';

export interface DaemonRequest {
  /** A program for our own Node. */
  readonly script: string;
  readonly args: readonly string[];
  /** Gets its stdout and stderr, at the end. Its directory is there. */
  readonly logFile: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** `error`: the name of the errno for which it could not be started; the others are null then. */
export interface DaemonEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error: string | null;
}

export interface LaunchedDaemon {
  /** Null where it could not be started; `ended` says why. */
  readonly pid: number | null;
  /** Calls back with every line that the daemon sends through `openHandshake`, from the first one on. */
  lines(listener: (line: string) => void): void;
  /** Comes after its last line. Never rejects; keeps us from our own end until `letGo`. */
  readonly ended: Promise<DaemonEnd>;
  /** Detaches from the daemon: no more lines, and it no longer keeps us alive. */
  letGo(): void;
}

const LARGEST_LOG_BYTES = 1024 * 1024;

/**
 * In MiB. Streams make much that is short-lived, for which V8 would take 48 MiB and keep them all day; each child that a
 * larger daemon spawns costs more. V8 of Node 20 and 22 takes a code cache only with the flags with which it was made, so the first
 * daemon starts 10 ms later; 24 and 26 do not ask for this flag.
 */
const YOUNG_SPACE = '--max-semi-space-size=4';

/** Throws the system's error where the log file cannot be written, or Node refuses at once (E2BIG). */
export function launchDaemon({ script, args, logFile, env, cwd }: DaemonRequest): LaunchedDaemon {
  closeInherited();
  const log = openLog(logFile);
  // Descriptor 3 is a socketpair: Node's own, and good enough for a few lines.
  const stdio: StdioOptions = ['ignore', log, log, 'pipe'];
  let child;
  try {
    child = spawn(process.execPath, [YOUNG_SPACE, script, ...args], { cwd, env, stdio, detached: true });
  } finally {
    closeSync(log);
  }
  // There is no stdio where Node had no descriptor for it.
  const voice = (child.stdio as StdioOfFailed)?.[3] as Readable | null | undefined;
  const { hear, listen } = lineQueue();
  if (voice) onLines(voice, hear);

  const ended = new Promise<DaemonEnd>((resolve) => {
    child.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ status: null, signal: null, error: code ?? 'UNKNOWN' }),
    );
    // Not `exit`: by now everything that it said was read.
    child.on('close', (status, signal) => resolve({ status, signal, error: null }));
  });

  return {
    pid: child.pid ?? null,
    lines: listen,
    ended,
    letGo() {
      child.unref();
      voice?.destroy();
    },
  };
}

type StdioOfFailed = ChildProcess['stdio'] | undefined;

/** 0600. One that has become long is kept as `.1`. */
function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_LOG_BYTES)
    renameSync(path, `${path}.1`);
  return openForAppending(path);
}

/** A line without a newline was cut off by the daemon's exit. */
function onLines(voice: Readable, hear: (line: string) => void): void {
  let rest = '';
  voice.setEncoding('utf8');
  voice.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(hear);
  });
  voice.on('error', () => undefined);
}

/** Lines may arrive before there is a listener. */
function lineQueue() {
  const waiting: string[] = [];
  let hearer: ((line: string) => void) | undefined;
  return {
    hear: (line: string): void => {
      if (hearer === undefined) waiting.push(line);
      else hearer(line);
    },
    listen: (listener: (line: string) => void): void => {
      hearer = listener;
      waiting.splice(0).forEach(listener);
    },
  };
}
