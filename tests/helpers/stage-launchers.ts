/** The three ways to start the stages of a pipeline, as far as they work here. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadKoffiPipes } from '../../src/os/pipes/koffi.ts';
import { createProcPipes } from '../../src/os/pipes/stage-pipes-proc.ts';
import { createShellStageLauncher } from '../../src/os/pipes/stage-pipes-shell.ts';
import { createPipeStageLauncher, type MakeStagePipes } from '../../src/os/pipes/stage-spawn.ts';
import type { StageLauncher } from '../../src/ports/pipelines.ts';

const require = createRequire(import.meta.url);
const options = { prelude: '' };

const koffiPipes = await loadKoffiPipes(() => require('koffi') as never);

/** What makes pipes here, by name. */
export const pipeMakers: readonly (readonly [name: string, make: MakeStagePipes])[] = [
  ...(koffiPipes === undefined ? [] : [['koffi', koffiPipes] as const]),
  ...(existsSync('/proc/self/fd') ? [['proc', createProcPipes()] as const] : []),
];

export const stageLaunchers: readonly (readonly [name: string, launcher: StageLauncher])[] = [
  ...pipeMakers.map(([name, make]) => [name, createPipeStageLauncher(make, options)] as const),
  ['shell', createShellStageLauncher(options)],
];
