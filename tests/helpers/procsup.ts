import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratch } from './scratch.ts';

/** The executable as users have it; `npm test` builds it first. */
export const PROCSUP = resolve(import.meta.dirname, '../../bin/procsup.js');

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when the output holds `text`; rejects when it ends without. */
  printed(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Where procsup keeps its state and its sockets in one test: tests do not meet there, nor does the user's own. */
export interface OwnPlaces {
  readonly env: { readonly XDG_STATE_HOME: string; readonly XDG_RUNTIME_DIR: string };
  /** Everything in them but directories, by its path below them. */
  files(): readonly string[];
}

export function ownPlaces(): OwnPlaces {
  const directory = scratch();
  const [state, runtime] = [join(directory, 'state'), join(directory, 'run')];
  mkdirSync(state);
  mkdirSync(runtime, { mode: 0o700 });
  return {
    env: { XDG_STATE_HOME: state, XDG_RUNTIME_DIR: runtime },
    files: () => filesIn(directory, ''),
  };
}

function filesIn(directory: string, path: string): readonly string[] {
  return readdirSync(join(directory, path), { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name);
    return entry.isDirectory() ? filesIn(directory, below) : [below];
  });
}

/**
 * Starts any program, in a session of its own without a terminal, and collects what it prints. What still runs of
 * it at the end of the test is killed.
 */
export function launch(program: string, args: readonly string[], { cwd, env }: Surroundings): Running {
  // Where a test has ended, as in its clean-up, nothing would remove places that are made now.
  const places =
    env !== undefined && 'XDG_STATE_HOME' in env && 'XDG_RUNTIME_DIR' in env ? {} : ownPlaces().env;
  const environment = { PATH: process.env['PATH'], ...places, ...env };
  const child = spawn(program, args, { cwd, env: environment, detached: true });
  onTestFinished(() => killGroup(child.pid));
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes: Buffer) => (output.stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output.stderr += bytes.toString()));
  const ended = new Promise<Ended>((settle, fail) => {
    child.on('error', fail);
    child.on('close', (status, signal) => settle({ status, signal, ...output }));
  });
  return { child, ended, printed };

  function printed(text: string): Promise<void> {
    return new Promise((settle, fail) => {
      const look = () => {
        if (output.stdout.includes(text)) settle();
      };
      child.stdout.on('data', look);
      look();
      void ended.then(({ stderr }) => fail(new Error(`it ended without printing '${text}': ${stderr}`)));
    });
  }
}

export function procsup(args: readonly string[], surroundings: Surroundings): Promise<Ended> {
  return launch(PROCSUP, args, surroundings).ended;
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
