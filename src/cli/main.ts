/** Command line in, command called, status out. */
import './hold-sigusr1.ts';
import { isatty } from 'node:tty';
import { STATUS } from '../core/exit.ts';
import type { Checked } from '../core/problem.ts';
import { leaveDeadTerminals } from '../os/leave-dead-terminals.ts';
import { decideColor } from './color.ts';
import type { CommandLine } from './command-line.ts';
import { start } from './commands/start.ts';
import { DAEMON } from './daemon-words.ts';
import { fastArgs } from './fast-args.ts';
import { internalErrorText } from './internal-error.ts';
import { loadTheme, processStreams, writeText, type Io, type StartIo } from './io.ts';
import { loadApp } from './load-app.ts';
import {
  appOptionsBesideProblems,
  checkSettings,
  colorChoice,
  pipeSettings,
  runSettings,
  startSettings,
} from './settings.ts';

function main(words: readonly string[]): void {
  // The loop running dry before an outcome is known is a defect too.
  process.on('beforeExit', () =>
    fail(new Error('nothing is left to wait for, and the command has not ended')),
  );
  process.on('uncaughtException', fail);
  process.on('exit', leaveDeadTerminals);
  carryOut(words).then((status) => process.exit(status), fail);
}

async function carryOut(words: readonly string[]): Promise<number> {
  if (words[0] === DAEMON) return (await import('./commands/daemon.ts')).daemon(words.slice(1), process.env);
  const fast = fastArgs(words);
  if (fast !== undefined) return dispatch(fast);

  const reading = await readThoroughly(words);
  return reading.kind === 'done' ? reading.status : dispatch(reading.line);
}

async function dispatch(line: CommandLine): Promise<number> {
  const streams = processStreams(colorChoice(line.options, process.env));
  const cwd = currentDirectory();
  if (cwd === undefined) {
    streams.stderr('procsup: cannot run here: the current directory was removed\n');
    return STATUS.usage;
  }
  const io: StartIo = { ...streams, env: process.env, cwd };
  switch (line.command) {
    case 'start':
      return withSettings(line, startSettings(line, io.env), io, (settings) => start(settings, io));
    case 'run':
      return withSettings(line, runSettings(line, io.env), io, async (settings) =>
        (await import('./commands/run.ts')).run(settings, await painted(io)),
      );
    case 'pipe':
      return withSettings(line, pipeSettings(line, io.env), io, async (settings) =>
        (await import('./commands/pipe.ts')).pipe(settings, await painted(io)),
      );
    case 'check':
      return withSettings(line, checkSettings(line, io.env), io, async (settings) =>
        (await import('./commands/check.ts')).check(settings, await painted(io)),
      );
    case 'ls':
      return (await import('./commands/ls.ts')).ls(line, await painted(io));
    case 'ps':
    case 'stop':
    case 'restart':
    case 'scale':
    case 'kill':
    case 'reload':
    case 'down':
    case 'logs':
    case 'stats':
    case 'top':
    case 'events':
    case 'wait':
    case 'why':
    case 'attach':
      return (await import('./control/control.ts')).control(line.command, line, await painted(io));
  }
}

function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

async function withSettings<T>(
  line: CommandLine,
  { value, problems }: Checked<T>,
  io: StartIo,
  command: (settings: T) => Promise<number>,
): Promise<number> {
  if (value !== undefined) return command(value);
  const options = appOptionsBesideProblems(line, io.env, problems);
  const app = options === undefined ? { problems: [] } : await loadApp(options, io.env, io.cwd);
  const { problemsText } = await import('../ui/problem-text.ts');
  io.stderr(problemsText([...problems, ...app.problems], (await painted(io)).paint));
  return STATUS.usage;
}

async function painted(io: StartIo): Promise<Io> {
  return { ...io, paint: await io.theme('stderr') };
}

async function readThoroughly(words: readonly string[]) {
  const { readCommandLine } = await import('./program.ts');
  return readCommandLine(words, {
    ...processStreams('auto'),
    theme: await loadTheme(true),
    columns: process.stdout.columns,
    isColoured(stream, options) {
      const choice = colorChoice(options, process.env);
      return decideColor({ choice, env: process.env, isTerminal: isatty(stream === 'stdout' ? 1 : 2) });
    },
  });
}

/** The end of procsup when it is procsup that failed. */
function fail(thrown: unknown): never {
  writeText(2, internalErrorText(thrown));
  process.exit(STATUS.internal);
}

main(process.argv.slice(2));
