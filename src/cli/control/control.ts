/** The commands that ask a running supervisor for something. A chunk of its own: `start` needs none of it. */
import { Unreachable } from '../../control/client.ts';
import { STATUS } from '../../core/exit.ts';
import { hasErrors } from '../../core/problem.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { CommandLine } from '../command-line.ts';
import type { CommandName } from '../commands-table.ts';
import { attach } from '../commands/attach.ts';
import { restart, stop } from '../commands/change.ts';
import { down } from '../commands/down.ts';
import { events } from '../commands/events.ts';
import { kill } from '../commands/kill.ts';
import { logs } from '../commands/logs.ts';
import { ps } from '../commands/ps.ts';
import { reload, scale } from '../commands/reshape.ts';
import { stats } from '../commands/stats.ts';
import { top } from '../commands/watch.ts';
import { wait } from '../commands/wait.ts';
import { why } from '../commands/why.ts';
import type { Io } from '../io.ts';
import { rootOf } from '../load-app.ts';
import { readSettings } from '../read-settings.ts';
import { common } from '../settings.ts';
import { NotDone, tellNotDone } from './answers.ts';
import type { ControlCommand } from './errand.ts';
import { findSupervisor } from './find-supervisor.ts';

/** Those that need no Procfile, only somebody who runs it. */
export type ControlVerb = Exclude<CommandName, 'start' | 'run' | 'check' | 'ls'>;

const COMMAND: Readonly<Record<ControlVerb, ControlCommand>> = {
  ps,
  stop,
  restart,
  scale,
  kill,
  reload,
  down,
  logs,
  stats,
  top,
  events,
  wait,
  why,
  attach,
};

export async function control(verb: ControlVerb, line: CommandLine, io: Io): Promise<number> {
  const read = readSettings(line.options, io.env);
  const command = COMMAND[verb](read, line.operands);
  const root = rootOf(common(read), io.cwd);
  if (read.problems.length > 0) io.stderr(problemsText(read.problems, io.paint));
  if (hasErrors(read.problems)) return STATUS.usage;
  // No name means all: a variable that is not set must not.
  if (line.operands.includes('')) return say(io, 'a name is empty', undefined, STATUS.usage);

  const found = findSupervisor(root, io.env);
  if ('unsafe' in found) return say(io, found.unsafe, undefined, STATUS.internal);
  if ('none' in found) return command.alone?.(io, root) ?? tellNone(io, root);
  try {
    return await command.carryOut({ ...found, io });
  } catch (thrown) {
    if (thrown instanceof NotDone) return tellNotDone(thrown, io);
    if (!(thrown instanceof Unreachable)) throw thrown;
    const who = `the supervisor (pid ${String(found.holder.identity.pid)})`;
    return say(io, `${who} does not answer: ${thrown.message}`, undefined, STATUS.supervisor);
  }
}

function tellNone(io: Io, root: string): number {
  return say(
    io,
    `no supervisor is running for ${root}`,
    "start one with 'procsup start -d'",
    STATUS.supervisor,
  );
}

function say(io: Io, message: string, remedy: string | undefined, status: number): number {
  io.stderr(`procsup: ${message}\n`);
  if (remedy !== undefined) io.stderr(`  ${io.paint.dim('help:')} ${remedy}\n`);
  return status;
}
