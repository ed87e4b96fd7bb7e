/** The entry point: reads the command line, runs the command, exits with its status. */
import './hold-sigusr1.ts';
import { isTerminal } from '../os/terminal/is-terminal.ts';
import { decideColor } from './color.ts';
import type { CommandLine } from './command-line.ts';
import { start } from './commands/start.ts';
import { endWith } from './end-with.ts';
import { fastArgs } from './fast-args.ts';
import { loadTheme, processStreams, type StartIo } from './io.ts';
import { poolWords } from './pool-words.ts';
import {
  checkSettings,
  colorChoice,
  initSettings,
  pipeSettings,
  runSettings,
  startSettings,
} from './settings.ts';
import { painted, withIo } from './with-io.ts';
import { withSettings } from './with-settings.ts';

async function carryOut(words: readonly string[]): Promise<number> {
  const fast = fastArgs(words);
  if (fast !== undefined) return dispatch(fast);

  const reading = await readThoroughly(words);
  return reading.kind === 'done' ? reading.status : dispatch(reading.line);
}

const dispatch = (line: CommandLine): Promise<number> => withIo(line, (io) => call(line, io));

async function call(line: CommandLine, io: StartIo): Promise<number> {
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
    case 'pool':
      return withPool(line, io);
    case 'task':
      return (await import('./task/call.ts')).callTask(line, io);
    case 'check':
      return withSettings(line, checkSettings(line, io.env), io, async (settings) =>
        (await import('./commands/check.ts')).check(settings, await painted(io)),
      );
    case 'init':
      return withSettings(line, initSettings(line, io.env), io, async (settings) =>
        (await import('./commands/init.ts')).init(settings, await painted(io)),
      );
    case 'completion':
      return (await import('./commands/completion.ts')).completion(line.operands[0], await painted(io));
    case 'cache':
      return (await import('./commands/cache.ts')).cache(line, await painted(io));
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
    case 'analyze':
    case 'attach':
    case 'send':
    case 'shm':
    case 'lock':
    case 'locks':
    case 'queue':
    case 'value':
    case 'flag':
    case 'barrier':
    case 'channel':
      return (await import('./client/dispatch.ts')).control(line.command, line, await painted(io));
  }
}

async function withPool(line: CommandLine, io: StartIo): Promise<number> {
  return (await import('./pool/call.ts')).callPool(line, io);
}

async function readThoroughly(words: readonly string[]) {
  const { readCommandLine } = await import('./program.ts');
  return readCommandLine(words, {
    ...processStreams('auto'),
    theme: await loadTheme(true),
    columns: process.stdout.columns,
    isColoured(stream, options) {
      const choice = colorChoice(options, process.env);
      return decideColor({ choice, env: process.env, isTerminal: isTerminal(stream === 'stdout' ? 1 : 2) });
    },
  });
}

endWith(() => carryOut(poolWords(process.argv.slice(2))));
