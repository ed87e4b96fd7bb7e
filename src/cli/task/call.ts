/** Reads the settings of `task` and runs it. Also the way of main.ts, for unusual command lines. */
import type { CommandLine } from '../command-line.ts';
import { task } from '../commands/task.ts';
import type { StartIo } from '../io.ts';
import { painted } from '../with-io.ts';
import { withSettings } from '../with-settings.ts';
import { taskSettings } from './settings.ts';

export const callTask = (line: CommandLine, io: StartIo): Promise<number> =>
  withSettings(line, taskSettings(line, io.env, process.argv), io, async (settings) =>
    task(settings, await painted(io)),
  );
