/** What all commands that ask a running supervisor for something have in common. */
import { existsSync } from 'node:fs';
import { rootOf } from '../../config/root.ts';
import { hasErrors } from '../../core/problem.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { CrashedOwner } from '../../os/files/lock.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { CommandLine } from '../command-line.ts';
import type { Io } from '../io.ts';
import { locate, type Located } from '../locate.ts';
import { readSettings } from '../read-settings.ts';
import { common } from '../settings.ts';
import type { ControlVerb } from '../table/asking.ts';
import { complain, NotDone } from './answers.ts';
import { askOwner } from './ask-owner.ts';
import type { ControlCommand, ReadyCommand } from './control-command.ts';
import { findSupervisor } from './find-supervisor.ts';

/** Finds the supervisor of the project, and asks it. */
export async function askFor(
  verb: ControlVerb,
  controlCommand: ControlCommand,
  line: CommandLine,
  io: Io,
): Promise<number> {
  const read = readSettings(line.options, io.env, line.command);
  const command = understood(() => controlCommand(read, line.operands));
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
