/** Wires the engine of a pool with the system: shells, their guardian and pipes, our stdout and stderr. */
import type { OutputMode } from '../core/pool/job.ts';
import type { SignalName } from '../core/process/signals.ts';
import { READ_BYTES, READ_START } from '../output/prefixer.ts';
import { systemClock } from '../os/clock.ts';
import { createPipePool, type NamedPipePool } from '../os/pipes/pool.ts';
import { readInto } from '../os/pipes/reader.ts';
import type { JobShells } from '../ports/pool.ts';
import type { ProcessGroups } from '../ports/processes.ts';
import { createJobShells, type JobShellsOptions } from '../os/pool/shells.ts';
import { createSpill } from '../os/pool/spill.ts';
import { createProcessGroups } from '../os/process/groups.ts';
import { createGuardian, type Guardian } from '../os/process/guardian.ts';
import { ignoredAtStart, ignoringPrelude } from '../os/process/launch-environment.ts';
import { softNofilePrelude } from '../os/process/limits.ts';
import { onSignals } from '../os/process/received-signals.ts';
import { openSink } from '../os/terminal/stdout.ts';
import type { PoolPorts } from '../runtime/pool/run-pool.ts';
import { fastestPrefixer } from './fastest-prefixer.ts';
import { newRunTag } from './run-tag.ts';

export interface PoolSystemOptions {
  readonly slots: number;
  readonly mode: OutputMode;
  readonly cwd: string;
  /** Of the jobs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Procsup's own, where the jobs have another one. */
  readonly ownEnv?: Readonly<Record<string, string | undefined>> | undefined;
  readonly hasSlotVariables?: boolean | undefined;
  readonly niceness?: number | undefined;
  readonly warn: (text: string) => void;
  /** Makes what runs the jobs in place of shells. */
  readonly makeWorkers?: ((parts: WorkerParts) => JobShells) | undefined;
}

export interface WorkerParts extends Pick<JobShellsOptions, 'guard' | 'runTag' | 'root' | 'env' | 'prelude'> {
  readonly groups: Pick<ProcessGroups, 'signal' | 'presenceOf'>;
  /** From where the output of jobs is taken. */
  readonly area: Uint8Array;
}

export interface PoolSystem {
  readonly ports: PoolPorts;
  /** After the pool. */
  close(): Promise<void>;
}

const PIPES_PER_SLOT = 3;
/** What more slots need is made when they are used. */
const MOST_SLOTS_AT_FIRST = 100;

/** Rejects with the system's error where it refuses pipes or a directory for them; then nothing is left. */
export async function openPoolSystem(options: PoolSystemOptions): Promise<PoolSystem> {
  const { slots, env, ownEnv = env, warn, makeWorkers } = options;
  const runTag = newRunTag();
  const ignored = ignoredAtStart(ownEnv);
  const piped = makeWorkers === undefined ? Math.min(slots, MOST_SLOTS_AT_FIRST) : 0;
  const pipes = createPipePool(1 + PIPES_PER_SLOT * piped);
  const guardian = createGuardian({
    ...{ runTag, directory: pipes.directory, fifos: pipes.firstOrder },
    onLost: () => warn('the guardian process is gone: if procsup is killed, what it runs will keep running'),
  });
  const close = (): Promise<void> => {
    pipes.close();
    return guardian.dismiss();
  };
  try {
    return { ports: openPorts(options, { runTag, ignored, pipes, guardian }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Foundation {
  readonly runTag: string;
  /** Signals that we are to ignore, as are our children. */
  readonly ignored: readonly SignalName[];
  readonly pipes: NamedPipePool;
  readonly guardian: Guardian;
}

function openPorts(
  { mode, cwd, env, ownEnv = env, hasSlotVariables, niceness, warn, makeWorkers }: PoolSystemOptions,
  { runTag, ignored, pipes, guardian }: Foundation,
): PoolPorts {
  const prefixer = fastestPrefixer();
  const area = prefixer.workspace.subarray(READ_START, READ_START + READ_BYTES);
  const groups = createProcessGroups(undefined, undefined, 'own');
  const parts = {
    ...{ guard: guardian, groups, runTag, root: cwd, env: definedOf(env) },
    prelude: softNofilePrelude(ownEnv) + ignoringPrelude(ignored) + nicenessPrelude(niceness),
  };
  const shells =
    makeWorkers?.({ ...parts, area }) ??
    createJobShells({
      ...{ ...parts, pipes, hasSlotVariables },
      openReader: mode === 'ungrouped' ? null : readInto(area),
    });
  const hear = (listener: (signal: SignalName) => void): (() => void) =>
    onSignals((signal) => {
      if (!ignored.includes(signal)) listener(signal);
    });
  return {
    ...{ clock: systemClock, shells, groups, runTag, prefixer, hear, warn },
    sinks: { stdout: openSink(1), stderr: openSink(2) },
    spill: createSpill(),
  };
}

/** Of the shell and all that it starts. */
const nicenessPrelude = (niceness: number | undefined): string =>
  niceness === undefined ? '' : `renice ${String(niceness)} -p $$ >/dev/null 2>&1; `;

function definedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value;
  return defined;
}
