import { spawn, type SpawnOptions } from 'node:child_process';
import { accessSync, closeSync, constants, statSync } from 'node:fs';
import type { StdinKind } from '../../core/plan/process-plan.ts';
import type { Exit } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import type { Launcher, LaunchRequest } from '../../ports/processes.ts';
import type { Refusal } from '../../core/process/exit.ts';
import type { InputPipe, Pipe, PipePool } from '../pipes/pool.ts';
import { exitBySignal } from '../../core/process/exit.ts';
import { TAG_LIMITS, type RunLimits } from './run-limits.ts';
import type { Children, Exited } from './program.ts';
import { shellFor } from './shell.ts';
import { SYSTEM_SIGNALS } from './signal-numbers.ts';
import { explained } from './explained-exit.ts';
import { tooLargeText } from './too-large.ts';

const SHELL = '/bin/sh';

export interface LauncherOptions {
  /** Null: the children write to our own stdout and stderr. */
  readonly pipes: Pick<PipePool, 'take' | 'takeInput'> | null;
  /** For what they read. Default: `pipes`. */
  readonly inputs?: Pick<PipePool, 'takeInput'> | null;
  /** Shell code that runs before each program: it gives back the limits that Node has changed. */
  readonly prelude: string;
  /** Of processes that say nothing themselves. Default: `null`. */
  readonly stdin?: StdinKind;
  /** Numbers the runs, so that their processes are found. */
  readonly limits?: RunLimits;
  /** What every program finds in its environment, as it is at its start. */
  readonly variables?: () => Readonly<Record<string, string>>;
  /** Nothing is started where this says that too few descriptors would be left. */
  readonly hasRoom?: () => boolean;
  /** Undefined: Node starts them. */
  readonly children?: () => Children | undefined;
}

/** Starts programs in their own sessions: Ctrl-C in our terminal does not reach them, a signal to their group does. */
export function createLauncher({
  pipes,
  inputs = pipes,
  prelude,
  stdin: usualStdin = 'null',
  limits = TAG_LIMITS,
  variables = () => ({}),
  hasRoom = () => true,
  children = () => undefined,
}: LauncherOptions): Launcher {
  return {
    launch(request, events) {
      let output: Pipe | undefined;
      let input: InputPipe | undefined;
      const closeOurEnds = (): void => closeAll(output?.read, input?.write);
      let pid: number;
      try {
        const { ends, terminal, stdin = terminal === undefined ? usualStdin : 'null' } = request;
        if (!hasRoom()) throw noDescriptors();
        if (hasOutput(request) && terminal === undefined) output = pipes?.take();
        if (stdin === 'open' && (ends?.stdin ?? null) === null) input = inputs?.takeInput();
        const written = output?.write ?? (terminal === undefined ? 'inherit' : 'ignore');
        const stdout = ends?.stdout?.fd ?? written;
        const shell = shellFor(request.env);
        const script =
          prelude +
          limits.prelude(request.runId) +
          openingOf(terminal) +
          listenPid(request.env) +
          request.script;
        const args = [...shell.flags, '-c', script];
        const options = {
          cwd: request.root,
          env: { ...request.env, ...variables(), PROCSUP_RUN_ID: request.runId },
          stdio: withExtra(
            [
              ends?.stdin?.fd ?? input?.read ?? 'ignore',
              stdout,
              ends?.joinsStderr === true ? stdout : written,
            ],
            request.extra,
          ),
        };
        const exited: Exited = (code, signal) => events.exited(explained(exitOf(code, signal), request));
        const started =
          children()?.start({ file: shell.file, args, options }, exited) ??
          startByNode(shell.file, args, options, exited);
        if (typeof started === 'object') {
          closeOurEnds();
          // Node tells the reason in the next turn only.
          started.on('error', (error) => events.refused(refusalOf(error, request)));
          return;
        }
        pid = started;
      } catch (error) {
        closeOurEnds();
        events.refused(refusalOf(error, request));
        return;
      } finally {
        // The child has its own copies: ours would keep its output from ever ending, and its input from ever breaking.
        closeAll(output?.write, input?.read);
        for (const end of [request.ends?.stdin, request.ends?.stdout]) end?.release();
        for (const { end } of request.extra ?? []) end.release();
      }
      // Whatever is wrong from here on is no refusal: the child lives.
      events.spawned(pid, output?.read ?? null, input?.write ?? null);
    },
  };
}

/** Its pid; the child itself where it could not be started. */
function startByNode(file: string, args: readonly string[], options: SpawnOptions, exited: Exited) {
  const child = spawn(file, args, { ...options, detached: true });
  if (child.pid === undefined) return child;
  child.on('exit', exited);
  child.on('error', () => undefined);
  return child.pid;
}

type Stdio = (number | 'ignore' | 'inherit')[];

/** What is between them stays closed: libuv opens /dev/null for the first three only. */
function withExtra(stdio: Stdio, extra: LaunchRequest['extra'] = []): Stdio {
  for (const { at, end } of extra) {
    while (stdio.length < at) stdio.push('ignore');
    stdio[at] = end.fd;
  }
  return stdio;
}

/** The first terminal that the leader of a session opens becomes its controlling terminal. */
function openingOf(terminal: LaunchRequest['terminal']): string {
  return terminal === undefined ? '' : `exec 0<>${terminal.path} 1>&0 2>&0\n`;
}

/** systemd's protocol: the descriptors are for the process of this pid, which stays that of the shell after its `exec`. */
const listenPid = ({ LISTEN_FDS }: LaunchRequest['env']): string =>
  LISTEN_FDS === undefined ? '' : 'export LISTEN_PID=$$\n';

const noDescriptors = (): Error =>
  Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });

/** Does it say anything that does not go to the next stage? */
function hasOutput({ ends }: LaunchRequest): boolean {
  return ends === undefined || ends.stdout === null || !ends.joinsStderr;
}

function closeAll(...fds: readonly (number | undefined)[]): void {
  for (const fd of fds) if (fd !== undefined) closeSync(fd);
}

/** Converts Node's report of a child's exit. */
export function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal === null) return { by: 'code', code: code ?? 0 };
  return exitBySignal(signal as SignalName, SYSTEM_SIGNALS);
}

/** The real cause: the system reports a missing working directory as a missing shell. */
export function refusalOf(
  thrown: unknown,
  { root, env = {} }: Pick<LaunchRequest, 'root'> & Partial<Pick<LaunchRequest, 'env'>>,
): Refusal {
  const { code = 'UNKNOWN', message } = thrown as NodeJS.ErrnoException;
  const refusal = (error: string, words: string) => ({ by: 'refusal', error, message: words }) as const;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return isDirectory(root)
        ? refusal(code, `${SHELL} is missing`)
        : refusal(code, `the working directory ${root} does not exist`);
    case 'EACCES':
      return mayEnter(root)
        ? refusal(code, `permission denied for ${SHELL}`)
        : refusal(code, `permission denied for the working directory ${root}`);
    case 'EMFILE':
      return refusal(code, 'procsup has no free descriptors left (see `ulimit -n`)');
    case 'ENFILE':
      return refusal(code, 'the system has no free descriptors left');
    case 'EAGAIN':
      return refusal(code, 'too many processes (see `ulimit -u`)');
    case 'ENOMEM':
      return refusal(code, 'out of memory');
    case 'E2BIG':
      return refusal(code, tooLargeText(env));
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
