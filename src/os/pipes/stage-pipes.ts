/**
 * Starts the stages of a pipeline. Node cannot make suitable pipes between two programs: a socketpair cannot be reopened
 * as /dev/stdin, and a FIFO hangs a program that does. So there are three ways, and the best that works is used:
 * pipe2(2) by FFI; pipes of a helper shell, opened through /proc; a shell that builds the pipeline itself.
 */
import { existsSync } from 'node:fs';
import type { StageLauncher } from '../../ports/pipelines.ts';
import { loadFastKoffiPipes } from './koffi-addon.ts';
import { createProcPipes } from './stage-pipes-proc.ts';
import { createShellStageLauncher } from './stage-pipes-shell.ts';
import { createPipeStageLauncher, type MakeStagePipes, type StageLauncherOptions } from './stage-spawn.ts';
import { sendSignal } from '../process/send-signal.ts';

/** What is not there is found out at the first launch. */
export function createStageLauncher(options: StageLauncherOptions): StageLauncher {
  let chosen: Promise<StageLauncher> | undefined;
  return {
    launch(request, events) {
      if (request.stages.length < 2) {
        createPipeStageLauncher(noPipes, options).launch(request, events);
        return;
      }
      chosen ??= choose(options);
      void chosen.then((launcher) => launcher.launch(request, events));
    },
    signal: sendSignal,
  };
}

const noPipes: MakeStagePipes = () => Promise.resolve([]);

async function choose(options: StageLauncherOptions): Promise<StageLauncher> {
  const shell = createShellStageLauncher(options);
  const viaProc = existsSync('/proc/self/fd')
    ? createPipeStageLauncher(createProcPipes(), options, shell)
    : shell;
  const makePipes = await loadFastKoffiPipes();
  return makePipes === undefined ? viaProc : createPipeStageLauncher(makePipes, options, viaProc);
}
