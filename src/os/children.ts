import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, statSync } from 'node:fs';
import type { Exit } from '../core/exit.ts';
import type { SignalName } from '../core/signals.ts';
import type { Launcher, LaunchEvents, LaunchRequest, Refusal } from '../ports.ts';
import type { PipePool } from './pipes.ts';

const SHELL = '/bin/sh';

export interface LauncherOptions {
  /** Null: the children write to our own stdout and stderr. */
  readonly pipes: PipePool | null;
  /** Shell code that runs before each program: it gives back the limits that Node has changed. */
  readonly prelude: string;
}

/** Programs in sessions of their own: Ctrl-C in our terminal does not reach them, a signal to their group reaches all. */
export function createLauncher({ pipes, prelude }: LauncherOptions): Launcher {
  return {
    launch(request, events) {
      let pipe: { read: number; write: number } | undefined;
      try {
        pipe = pipes?.take();
        const output = pipe?.write ?? 'inherit';
        const child = spawn(SHELL, ['-c', prelude + request.script], {
          cwd: request.root,
          env: { ...request.env, PROCSUP_RUN_ID: request.runId },
          stdio: ['ignore', output, pipe?.write ?? 'inherit'],
          detached: true,
        });
        if (child.pid === undefined) {
          refuseWhenTold(child, pipe?.read, request, events);
          return;
        }
        child.on('exit', (code, signal) => events.exited(exitOf(code, signal)));
        child.on('error', () => undefined);
        events.spawned(child.pid, pipe?.read ?? null);
      } catch (error) {
        if (pipe !== undefined) closeSync(pipe.read);
        events.refused(refusalOf(error as NodeJS.ErrnoException, request));
      } finally {
        // The child has its own copy; ours would keep the pipe from ever ending.
        if (pipe !== undefined) closeSync(pipe.write);
      }
    },
  };
}

/** Node tells the reason of a failed spawn in the next turn only. */
function refuseWhenTold(
  child: ChildProcess,
  read: number | undefined,
  request: LaunchRequest,
  events: LaunchEvents,
): void {
  if (read !== undefined) closeSync(read);
  child.on('error', (error) => events.refused(refusalOf(error, request)));
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  return signal === null ? { by: 'code', code: code ?? 0 } : { by: 'signal', signal: signal as SignalName };
}

/** The real cause: a working directory that is gone is reported by the system as a missing shell. */
function refusalOf({ code = 'UNKNOWN', message }: NodeJS.ErrnoException, { root }: LaunchRequest): Refusal {
  const refusal = (error: string, words: string) => ({ by: 'refusal', error, message: words }) as const;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return isDirectory(root)
        ? refusal(code, `${SHELL} is missing`)
        : refusal(code, `the working directory ${root} does not exist`);
    case 'EACCES':
      return mayEnter(root)
        ? refusal(code, `${SHELL} may not be executed`)
        : refusal(code, `the working directory ${root} may not be entered`);
    case 'EMFILE':
      return refusal(code, 'procsup has no free descriptors left (see `ulimit -n`)');
    case 'ENFILE':
      return refusal(code, 'the system has no free descriptors left');
    case 'EAGAIN':
      return refusal(code, 'the system allows no more processes (see `ulimit -u`)');
    case 'ENOMEM':
      return refusal(code, 'the system has no memory left');
    case 'E2BIG':
      return refusal(code, 'the environment and the command together are too large');
    default:
      return refusal(code, message);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function mayEnter(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
