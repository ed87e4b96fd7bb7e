/** Gives every command its streams. */
import { STATUS } from '../core/process/exit.ts';
import type { CommandLine } from './command-line.ts';
import { processStreams, type Io, type StartIo } from './io.ts';
import { colorChoice } from './settings.ts';

/** Runs the command with our streams, environment and directory; returns its status. */
export async function withIo(line: CommandLine, command: (io: StartIo) => Promise<number>): Promise<number> {
  const streams = processStreams(colorChoice(line.options, process.env));
  const cwd = currentDirectory();
  if (cwd === undefined) {
    streams.stderr('procsup: the current directory has been removed\n');
    return STATUS.usage;
  }
  return command({ ...streams, env: process.env, cwd });
}

function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

export async function painted(io: StartIo): Promise<Io> {
  return { ...io, paint: await io.theme('stderr') };
}
