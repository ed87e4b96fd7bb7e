/** Wires the engine of a pool with the system: shells, their guardian and pipes, our stdout and stderr. */
import type { OutputMode } from '../core/pool/job.ts';
import type { Refusal } from '../core/process/exit.ts';
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
import { createLateShells } from './late-shells.ts';
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
  const basis = basisOf(options);
  const ground = layGround(options, basis);
  try {
    return {
      ports: { ...basis.ports, shells: openShells(options, basis, ground) },
      close: () => closeGround(ground),
    };
  } catch (error) {
    await closeGround(ground);
    throw error;
  }
}

/** Pipes, guardian and shells are made with the first job. `refusalOf`: what the system's error means for that. */
export function openLateSystem(
  options: PoolSystemOptions,
  refusalOf: (error: unknown) => Refusal,
): PoolSystem {
  const basis = basisOf(options);
  const closing: (() => Promise<void>)[] = [];
  const open = (): JobShells => {
    const ground = layGround(options, basis);
    closing.push(() => closeGround(ground));
    return openShells(options, basis, ground);
  };
  return {
    ports: { ...basis.ports, shells: createLateShells({ open, refusalOf }) },
    async close() {
      await Promise.all(closing.map((each) => each()));
    },
  };
}

interface Basis {
  readonly ports: Omit<PoolPorts, 'shells'>;
  /** Signals that we are to ignore, as are our children. */
  readonly ignored: readonly SignalName[];
}

/** What needs nothing of the system. */
function basisOf({ env, ownEnv = env, warn }: PoolSystemOptions): Basis {
  const ignored = ignoredAtStart(ownEnv);
  const hear = (listener: (signal: SignalName) => void): (() => void) =>
    onSignals((signal) => {
      if (!ignored.includes(signal)) listener(signal);
    });
  return {
    ports: {
      ...{ clock: systemClock, groups: createProcessGroups(undefined, undefined, 'own'), hear, warn },
      ...{ runTag: newRunTag(), prefixer: fastestPrefixer() },
      sinks: { stdout: openSink(1), stderr: openSink(2) },
      spill: createSpill(),
    },
    ignored,
  };
}

interface Ground {
  readonly pipes: NamedPipePool;
  readonly guardian: Guardian;
}

function layGround({ slots, warn, makeWorkers }: PoolSystemOptions, { ports: { runTag } }: Basis): Ground {
  const piped = makeWorkers === undefined ? Math.min(slots, MOST_SLOTS_AT_FIRST) : 0;
  const pipes = createPipePool(1 + PIPES_PER_SLOT * piped);
  const guardian = createGuardian({
    ...{ runTag, directory: pipes.directory, fifos: pipes.firstOrder },
    onLost: () => warn('the guardian process is gone: if procsup is killed, what it runs will keep running'),
  });
  return { pipes, guardian };
}

function closeGround({ pipes, guardian }: Ground): Promise<void> {
  pipes.close();
  return guardian.dismiss();
}

function openShells(
  { mode, cwd, env, ownEnv = env, hasSlotVariables, niceness, makeWorkers }: PoolSystemOptions,
  { ports: { prefixer, groups, runTag }, ignored }: Basis,
  { pipes, guardian }: Ground,
): JobShells {
  const area = prefixer.workspace.subarray(READ_START, READ_START + READ_BYTES);
  const parts = {
    ...{ guard: guardian, groups, runTag, root: cwd, env: definedOf(env) },
    prelude: softNofilePrelude(ownEnv) + ignoringPrelude(ignored) + nicenessPrelude(niceness),
  };
  return (
    makeWorkers?.({ ...parts, area }) ??
    createJobShells({
      ...{ ...parts, pipes, hasSlotVariables },
      openReader: mode === 'ungrouped' ? null : readInto(area),
    })
  );
}

/** Of the shell and all that it starts. */
const nicenessPrelude = (niceness: number | undefined): string =>
  niceness === undefined ? '' : `renice ${String(niceness)} -p $$ >/dev/null 2>&1; `;

function definedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value;
  return defined;
}
