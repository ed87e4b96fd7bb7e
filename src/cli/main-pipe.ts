/**
 * `procsup pipe ...` without the modules that only `start` needs: main.ts takes 10 ms to load. Unusual command lines
 * are left to main.ts.
 */
import './hold-sigusr1.ts';
import { pipe } from './commands/pipe.ts';
import { endWith } from './end-with.ts';
import { fastArgs } from './fast-args.ts';
import { pipeSettings } from './settings.ts';
import { painted, withIo } from './with-io.ts';
import { withSettings } from './with-settings.ts';

const line = fastArgs(process.argv.slice(2));
if (line?.command !== 'pipe') void import('./main.ts');
else
  endWith(() =>
    withIo(line, (io) =>
      withSettings(line, pipeSettings(line, io.env), io, async (settings) =>
        pipe(settings, await painted(io)),
      ),
    ),
  );
