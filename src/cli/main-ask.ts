/**
 * The commands that ask a running supervisor, without the modules that only `start` needs; what is asked most often is here, the
 * others are a chunk. Unusual command lines are left to main.ts.
 */
import './hold-sigusr1.ts';
import { askFor } from './client/ask-for.ts';
import type { ControlCommand } from './client/control-command.ts';
import type { CommandLine } from './command-line.ts';
import { ps } from './commands/ps.ts';
import { restart } from './commands/restart.ts';
import { stop } from './commands/stop.ts';
import { endWith } from './end-with.ts';
import { fastArgs } from './fast-args.ts';
import type { Io } from './io.ts';
import type { ControlVerb } from './table/asking.ts';
import { painted, withIo } from './with-io.ts';

const OFTEN: Partial<Readonly<Record<ControlVerb, ControlCommand>>> = { ps, restart, stop };

async function ask(line: CommandLine, io: Io): Promise<number> {
  // load-bundle.ts takes this entry for them only.
  const verb = line.command as ControlVerb;
  const command = OFTEN[verb];
  if (command !== undefined) return askFor(verb, command, line, io);
  return (await import('./client/dispatch.ts')).control(verb, line, io);
}

const line = fastArgs(process.argv.slice(2));
if (line === undefined) void import('./main.ts');
else endWith(() => withIo(line, async (io) => ask(line, await painted(io))));
