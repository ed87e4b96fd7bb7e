/** Who is to run under which name with which PORT: an instance before it has its environment. */
import type { PipelinePlan, ProcfileEntry } from './sources.ts';
import type { InstanceSpec } from './app-spec.ts';
import type { Formation } from './formation.ts';
import { HIGHEST_PORT, portOf } from './ports.ts';
import type { Problem } from '../problem.ts';
import { scriptFor } from '../shell/command.ts';

export interface Seat extends Omit<InstanceSpec, 'env'> {
  /** Over the environment of all. */
  readonly ownEnv?: ProcfileEntry['env'];
}

/** None as long as the formation or the base is wrong. */
export function processSeats(
  entries: readonly ProcfileEntry[],
  formation: Formation | undefined,
  base: number | undefined,
): Seat[] {
  if (!formation || base === undefined) return [];
  return entries.flatMap((entry) =>
    Array.from({ length: formation.get(entry.name) ?? 0 }, (_, before) => seatOf(entry, before + 1, base)),
  );
}

function seatOf(entry: ProcfileEntry, instance: number, base: number): Seat {
  const { name: process, index, command, env, restart } = entry;
  return {
    name: `${process}.${String(instance)}`,
    process,
    instance,
    index,
    command,
    script: scriptFor(command),
    port: portOf(base, index, instance),
    ...(env && { ownEnv: env }),
    ...(restart && { restart }),
  };
}

/** The stages of pipelines, the first of which has the place `firstIndex` among everything that has a place. */
export function stageSeats(
  pipelines: readonly PipelinePlan[],
  firstIndex: number,
  base: number | undefined,
): Seat[] {
  if (base === undefined) return [];
  return pipelines.flatMap((pipeline, place) => seatsOfPipeline(pipeline, firstIndex + place, base));
}

function seatsOfPipeline(
  { name: process, stages, drainMs }: PipelinePlan,
  index: number,
  base: number,
): Seat[] {
  const names = stages.map(({ name }) => `${process}/${name}`);
  return stages.map(({ command, script, joinsStderr, restart }, before) => ({
    name: names[before] ?? '',
    process,
    instance: before + 1,
    index,
    command,
    script,
    port: portOf(base, index, before + 1),
    stage: {
      upstream: names[before - 1] ?? null,
      downstream: names[before + 1] ?? null,
      joinsStderr,
      restart,
      drainMs,
    },
  }));
}

/** PORTs that there are not, or that two get. */
export function portProblems(seats: readonly Seat[]): Problem[] {
  const owners = new Map<number, Seat>();
  for (const seat of seats) {
    if (seat.port > HIGHEST_PORT) return [tooHigh(seat)];
    const owner = owners.get(seat.port);
    if (owner) return [sharedPort(owner, seat)];
    owners.set(seat.port, seat);
  }
  return [];
}

function tooHigh({ name, port }: Seat): Problem {
  return {
    code: 'port-too-high',
    severity: 'error',
    message: `'${name}' would get PORT ${port}, and ${HIGHEST_PORT} is the highest there is`,
    remedy: 'count from a lower port with -p, or start fewer instances',
  };
}

function sharedPort(owner: Seat, seat: Seat): Problem {
  return {
    code: 'port-shared',
    severity: 'warning',
    message: `'${owner.name}' and '${seat.name}' get the same PORT ${seat.port}`,
    remedy: 'start at most 100 instances of a process whose PORT is used',
  };
}
