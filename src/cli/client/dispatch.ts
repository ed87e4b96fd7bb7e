/** The commands that ask a running supervisor for something. In a chunk of its own: `start` does not need it. */
import { existsSync } from 'node:fs';
import { STATUS } from '../../core/process/exit.ts';
import { hasErrors } from '../../core/problem.ts';
import type { CrashedOwner } from '../../os/files/lock.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { CommandLine } from '../command-line.ts';
import type { CommandName } from '../table/commands.ts';
import { analyze } from '../commands/analyze.ts';
import { attach } from '../commands/attach.ts';
import { barrier } from '../commands/barrier.ts';
import { channel } from '../commands/channel.ts';
import { down } from '../commands/down.ts';
import { events } from '../commands/events.ts';
import { flag } from '../commands/flag.ts';
import { kill } from '../commands/kill.ts';
import { lock } from '../commands/lock.ts';
import { locks } from '../commands/locks.ts';
import { logs } from '../commands/logs.ts';
import { queue } from '../commands/queue.ts';
import { ps } from '../commands/ps.ts';
import { reload } from '../commands/reload.ts';
import { restart } from '../commands/restart.ts';
import { scale } from '../commands/scale.ts';
import { send } from '../commands/send.ts';
import { shm } from '../commands/shm.ts';
import { stats } from '../commands/stats.ts';
import { stop } from '../commands/stop.ts';
import { top } from '../commands/top.ts';
import { value } from '../commands/value.ts';
import { wait } from '../commands/wait.ts';
import { why } from '../commands/why.ts';
import type { Io } from '../io.ts';
import { rootOf } from '../../config/root.ts';
import { readSettings } from '../read-settings.ts';
import { common } from '../settings.ts';
import { locate, type Located } from '../locate.ts';
import { complain, NotDone } from './answers.ts';
import { askOwner } from './ask-owner.ts';
import type { ControlCommand, ReadyCommand } from './control-command.ts';
import { findSupervisor } from './find-supervisor.ts';

/** The commands that need a running supervisor and no Procfile. */
export type ControlVerb = Exclude<
  CommandName,
  'start' | 'run' | 'pipe' | 'task' | 'cache' | 'pool' | 'check' | 'init' | 'ls' | 'completion'
>;

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
  analyze,
  attach,
  send,
  shm,
  lock,
  locks,
  queue,
  value,
  flag,
  barrier,
  channel,
};

export async function control(verb: ControlVerb, line: CommandLine, io: Io): Promise<number> {
  const read = readSettings(line.options, io.env, line.command);
  const command = understood(() => COMMAND[verb](read, line.operands));
  if ('wrong' in command) return say(io, command.wrong.message, command.wrong.remedy, STATUS.usage);
  const options = common(read);
  const place = await locate(options, io);
  const root = rootOf({ ...options, ...place }, io.cwd);
  if (read.problems.length > 0) io.stderr(problemsText(read.problems, io.paint));
  if (hasErrors(read.problems)) return STATUS.usage;
  // No name means all; an empty name, for example from an unset variable, must not.
  const names = namesIn(verb, line.operands);
  if (names.includes('')) return say(io, 'empty process name', undefined, STATUS.usage);

  const found = await findSupervisor(root, io);
  if ('unsafe' in found) return say(io, found.unsafe, undefined, STATUS.internal);
  if ('unreachable' in found) return say(io, found.unreachable, undefined, STATUS.supervisor);
  if ('none' in found)
    return (await command.alone?.(io, root, found.crashed)) ?? tellNone(io, root, found.crashed, place);
  if (found.remark !== undefined) io.stderr(`procsup: ${found.remark}\n`);
  // What programs exchange is not for the events.
  const said = DISCREET.includes(verb) ? line.operands.slice(0, 2) : line.operands;
  const words = [verb, ...(verb === 'queue' ? names : said)].join(' ');
  return askOwner(found.owner, io, words, (context) => command.carryOut(context), {
    evenIfStopped: verb === 'down',
  });
}

/** Operands that the command does not take are told before a supervisor is looked for. */
function understood(make: () => ReadyCommand): ReadyCommand | { readonly wrong: NotDone } {
  try {
    return make();
  } catch (error) {
    if (error instanceof NotDone) return { wrong: error };
    throw error;
  }
}

/** Their operands are no names of processes. */
const NAMELESS: readonly ControlVerb[] = ['shm', 'lock', 'locks', 'value', 'flag', 'barrier', 'channel'];

/** What follows the name is a value or a message. */
const DISCREET: readonly ControlVerb[] = ['value', 'channel'];

/** The operands that are names; the others may be empty. */
function namesIn(verb: ControlVerb, operands: readonly string[]): readonly string[] {
  if (NAMELESS.includes(verb)) return [];
  if (verb === 'send') return operands.slice(0, 1);
  return verb === 'queue' ? operands.slice(0, 2) : operands;
}

function tellNone(io: Io, root: string, crashed: readonly CrashedOwner[], place: Located): number {
  if (!existsSync(root))
    return say(io, `no such directory: '${root}'`, 'check the path after -C or -f', STATUS.usage);
  if (crashed.length === 0) {
    const remedy = "start one with 'procsup start -d'";
    return say(io, `no supervisor is running for ${root}${above(place)}`, remedy, STATUS.supervisor);
  }
  const message = `no supervisor is running for ${root}; the last one was killed`;
  return say(
    io,
    message,
    "'procsup down' or a new start stops the processes that it may have left running",
    STATUS.supervisor,
  );
}

function above({ searched = [], searchRefused }: Located): string {
  const refused = searchRefused === undefined ? '' : `; ${searchRefused}`;
  return searched.length < 2
    ? refused
    : ` or a directory above it (searched up to ${searched.at(-1) ?? ''})${refused}`;
}

function say(io: Io, message: string, remedy: string | undefined, status: number): number {
  complain(io, message, remedy);
  return status;
}
