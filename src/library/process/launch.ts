/** Starts the child of a `Process`, tagged so that all of its descendants are found, and guarded if it is a daemon. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { newRunTag } from '../../host/run-tag.ts';
import { createBestPipes } from '../../os/pipes/best-pipes.ts';
import { onExitEvent } from '../../os/process/exit-event.ts';
import { findProgram } from '../../os/process/find-program.ts';
import { createProcessGroups } from '../../os/process/groups.ts';
import { createGuardian, type Guardian } from '../../os/process/guardian.ts';
import { softNofilePrelude } from '../../os/process/limits.ts';
import { noReserve } from '../../os/process/descriptor-reserve.ts';
import { createRunLimits } from '../../os/process/run-limits.ts';
import { shellFor } from '../../os/process/shell.ts';
import { refusalOf } from '../../os/process/spawn.ts';
import { runIdOf } from '../../runtime/run-id.ts';
import { OWN_PARENT, ownParentText } from './parent-process.ts';
import { ProcessError } from './error.ts';
import type { StdioWish } from './arguments.ts';

export interface LaunchOrder {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** `args[0]` is a program, which is looked for before the start. */
  readonly words: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** It leads a session of its own, and ends when we do. */
  readonly daemon: boolean;
  readonly stdio: readonly StdioWish[];
  /** The variable that tells it the number of its end of a socket to us. Default: none is made. */
  readonly channel?: string;
}

export interface Launched {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly runId: string;
  /** Our ends of the pipes, by their numbers in the child. Whoever takes one closes it. */
  readonly pipes: Map<number, number>;
  /** The place of the channel in `child.stdio`. */
  readonly channelAt: number;
}

const limits = createRunLimits();
const outerRunId = process.env['PROCSUP_RUN_ID'];
/** Begins with our own, if we have one, so that the supervisor that started us finds what we start. */
const newTag = (): string => (outerRunId === undefined ? newRunTag() : `${outerRunId}${randomUUID()}:`);
/** Two, for the guardian ends whatever has the tag that it is given. */
const tags = { free: newTag(), daemon: newTag() };
const makePipes = createBestPipes();
export const processGroups = createProcessGroups(noReserve, limits);
let runs = 0;

/** Rejects with a ProcessError (`REFUSED`). */
export async function launchProcess(order: LaunchOrder): Promise<Launched> {
  const { name, cwd, stdio, daemon } = order;
  const env = { ...process.env, ...order.env };
  if (order.words) checkProgram(order, env['PATH']);
  const piped = stdio.flatMap((wish, at) => (wish === 'pipe' ? [at] : []));
  const made = await makePipes(piped.length).catch((error: unknown) => refuse(name, error, cwd));
  const [theirs, pipes] = [new Map<number, number>(), new Map<number, number>()];
  piped.forEach((at, index) => {
    const { read = -1, write = -1 } = made[index] ?? {};
    theirs.set(at, at === 0 ? read : write);
    pipes.set(at, at === 0 ? write : read);
  });
  const runId = runIdOf(daemon ? tags.daemon : tags.free, String((runs += 1)), 1);
  const shell = shellFor(env);
  const prelude = softNofilePrelude(process.env) + limits.prelude(runId);
  try {
    const all: unknown[] = stdio.map((wish, at) => theirs.get(at) ?? descriptorOf(wish));
    if (order.channel !== undefined) all.push('pipe');
    const child = spawn(shell.file, [...shell.flags, '-c', prelude + order.script, 'sh', ...order.args], {
      cwd,
      env: {
        ...env,
        PROCSUP_RUN_ID: runId,
        [OWN_PARENT]: ownParentText(),
        ...(order.channel !== undefined && { [order.channel]: String(stdio.length) }),
      },
      stdio: all as SpawnOptions['stdio'] & unknown[],
      detached: daemon,
    });
    // Node tells the reason in the next turn only.
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    child.on('error', () => undefined);
    if (daemon) guard(child, child.pid);
    return { child, pid: child.pid, runId, pipes, channelAt: stdio.length };
  } catch (error) {
    for (const fd of pipes.values()) closeSync(fd);
    return refuse(name, error, cwd);
  } finally {
    for (const fd of theirs.values()) closeSync(fd);
  }
}

/** Of what is open already: Node itself would pause a stream that it passes on, and a server cannot be paused. */
function descriptorOf(wish: StdioWish): Exclude<StdioWish, object> {
  if (typeof wish !== 'object') return wish;
  const { fd, _handle } = wish as {
    readonly fd?: unknown;
    readonly _handle?: { readonly fd?: unknown } | null;
  };
  const found = _handle?.fd ?? fd;
  if (typeof found === 'number' && found >= 0) return found;
  throw Object.assign(new Error('an object in stdio has no open descriptor'), { code: 'EBADF' });
}

function checkProgram({ name, args: [word = ''], cwd }: LaunchOrder, path: string | undefined): void {
  const found = findProgram(word, path, cwd);
  if (found.kind === 'program') return;
  const why = found.kind === 'missing' ? `program '${word}' not found` : `${found.path} ${found.why}`;
  throw new ProcessError('REFUSED', `cannot start ${name}: ${why}`);
}

function refuse(name: string, cause: unknown, root: string): never {
  const { message } = refusalOf(cause, { root });
  throw new ProcessError('REFUSED', `cannot start ${name}: ${message}`, { cause });
}

// ---- Daemons -----------------------------------------------------------------------------------------------------

let guardian: Guardian | undefined;
let isGuardianLost = false;
let stopListening = (): void => undefined;

/** One guardian for all, as long as there are any. */
function guard(child: ChildProcess, pid: number): void {
  if (guardian === undefined) {
    isGuardianLost = false;
    guardian = createGuardian({
      ...{ runTag: tags.daemon, directory: '', fifos: [] },
      onLost: () => (isGuardianLost = true),
    });
    stopListening = onExitEvent(() => {
      if (isGuardianLost) processGroups.signalMarked(tags.daemon, 'SIGKILL');
    });
  }
  guardian.add(pid);
  child.once('exit', () => {
    guardian?.remove(pid);
    if (guardian === undefined || guardian.groups.size > 0) return;
    stopListening();
    void guardian.dismiss();
    guardian = undefined;
  });
}
