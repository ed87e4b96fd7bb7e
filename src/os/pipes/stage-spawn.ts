import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { StageLauncher, StagesEvents, StagesRequest } from '../../ports/pipelines.ts';
import { exitOf, refusalOf } from '../process/spawn.ts';
import { TAG_LIMITS } from '../process/run-limits.ts';
import { shellFor } from '../process/shell.ts';
import { sendSignal } from '../process/send-signal.ts';

/** Both ends of one anonymous pipe: blocking, as programs expect them, and closed in children that are not given them. */
export interface StagePipe {
  readonly read: number;
  readonly write: number;
}

/** What was made is not needed. */
export function closePipes(pipes: readonly StagePipe[]): void {
  for (const { read, write } of pipes) for (const fd of [read, write]) closeSync(fd);
}

/** So many pipes, or none: rejects with the system's error (EMFILE ...). */
export type MakeStagePipes = (count: number) => Promise<readonly StagePipe[]>;

export interface StageLauncherOptions {
  /** Shell code that runs before each stage: it gives back the limits that Node has changed. */
  readonly prelude: string;
}

/**
 * Starts stages as our children, with pipes made by `makePipes`. `otherwise` takes over if none can be made for another
 * reason than a lack of descriptors, for example a /proc that hides our own children.
 */
export function createPipeStageLauncher(
  makePipes: MakeStagePipes,
  { prelude }: StageLauncherOptions,
  otherwise?: StageLauncher,
): StageLauncher {
  return {
    launch(request, events) {
      const spawnAll = (pipes: readonly StagePipe[]): void => {
        request.stages.forEach((_, stage) => spawnStage(request, stage, pipes, prelude, events));
      };
      const count = request.stages.length - 1;
      const fail = (error: unknown): void => {
        if (otherwise !== undefined && !isExhaustion(error)) otherwise.launch(request, events);
        else request.stages.forEach((_, stage) => events.refused(stage, refusalOf(error, request)));
      };
      if (count < 1) spawnAll([]);
      else makePipes(count).then(spawnAll, fail);
    },
    signal: sendSignal,
  };
}

/** No other way of making pipes would help. */
export const isExhaustion = (error: unknown): boolean =>
  ['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '');

function spawnStage(
  { stages, root, runId, stdin, stdout, stderr = 2 }: StagesRequest,
  index: number,
  pipes: readonly StagePipe[],
  prelude: string,
  events: StagesEvents,
): void {
  const stage = stages[index];
  if (stage === undefined) return;
  const input = pipes[index - 1]?.read;
  const output = pipes[index]?.write;
  const out = output ?? stdout;
  try {
    const shell = shellFor(stage.env);
    const script = prelude + TAG_LIMITS.prelude(runId) + stage.script;
    const child = spawn(shell.file, [...shell.flags, '-c', script, 'sh', ...stage.args], {
      cwd: root,
      env: { ...stage.env, PROCSUP_RUN_ID: runId },
      stdio: [input ?? stdin, out, stage.joinsStderr ? out : stderr],
    });
    tellOf(child, index, { root, env: stage.env }, events);
  } catch (error) {
    events.refused(index, refusalOf(error, { root, env: stage.env }));
  } finally {
    // The stages have their own: ours would keep a reader from its end of file, and a writer from SIGPIPE.
    for (const fd of [input, output]) if (fd !== undefined) closeSync(fd);
  }
}

function tellOf(
  child: ChildProcess,
  index: number,
  request: Parameters<typeof refusalOf>[1],
  events: StagesEvents,
): void {
  if (child.pid === undefined) {
    // Node tells the reason in the next turn only.
    child.on('error', (error) => events.refused(index, refusalOf(error, request)));
    return;
  }
  child.on('exit', (code, signal) => events.exited(index, exitOf(code, signal)));
  child.on('error', () => undefined);
  events.spawned(index, child.pid);
}
