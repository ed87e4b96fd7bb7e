/** The ports and callbacks of a supervisor. */
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { Event } from '../core/events.ts';
import type { FleetSpec } from '../core/fleet/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunTerminal, Terminals } from '../ports/terminals.ts';
import type { ProcessGroups, Guard, InputEnd, Launcher } from '../ports/processes.ts';
import type { PoolWorkers } from '../ports/pool-workers.ts';
import type { StageLinks } from '../ports/pipelines.ts';
import type { RunChecks } from './checks.ts';
import type { StopSignals } from './stop-signals.ts';

/** Receives the output of one run. */
export interface RunOutput {
  /** Takes over the read end of the run's pipe. */
  attach(fd: number, instance: InstanceSpec, terminal?: RunTerminal): AttachedOutput;
  /** The same for a command that is run beside it, or before or after. */
  attachHook(fd: number, instance: InstanceSpec): AttachedOutput;
}

export interface AttachedOutput {
  /** Prints the last output; `ended` is false if a process still holds the pipe. */
  finish(done: (ended: boolean) => void): void;
}

/** Supplies the input of a run. */
export interface RunInputs {
  /** Takes over the write end of the run's stdin. The returned function closes it: the program has ended. */
  attach(name: string, end: number | InputEnd): () => void;
}

export interface SupervisorOptions {
  readonly spec: FleetSpec;
  readonly instances: readonly InstanceSpec[];
  readonly root: string;
  /** Start of the tag of every run of this supervisor; unique on this machine. */
  readonly runTag: string;
  readonly launcher: Launcher;
  readonly links: StageLinks;
  readonly processGroups: ProcessGroups;
  readonly stopSignals: StopSignals;
  readonly guard: Guard;
  readonly output: RunOutput;
  readonly inputs: RunInputs;
  /** For those that have a terminal of their own. */
  readonly terminals: Terminals;
  readonly checks: RunChecks;
  /** For workers of pools. */
  readonly pools: PoolWorkers;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly on: SupervisorEvents;
}

export interface SupervisorEvents {
  /** Something has happened. The end of a run comes after its last words. */
  record(event: Event): void;
  /** An instance is not part of the application any more, and nothing of it is alive. */
  dropped?(name: string): void;
  /** Called once, when everything has exited. `isNobodyLeft`: a look has shown that no run has left anything. */
  finished(status: number, isNobodyLeft: boolean): void;
  /** Called after every step, when all that came of it is done, with the names of the members that it has changed. */
  changed?(names: readonly string[]): void;
}
