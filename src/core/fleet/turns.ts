/**
 * An orderly stop: the last process is stopped first, and each waits until all later ones that are being stopped have
 * ended, but for no longer than its own stop timeout. How many of a process are being stopped is counted, and the last
 * process that has any is known: only its members have their turn, so that a step need not look at all others.
 */
import type { Roster } from './roster.ts';
import type { FleetSpec } from './spec.ts';
import { lives, type Member } from './member.ts';

export interface Turns {
  /** By process, in the order of `FleetSpec.processes`: how many of its instances live and are being stopped. */
  readonly living: Roster<number>;
  readonly total: number;
  /** The place of the last process that has any; -1 if none has. */
  readonly last: number;
}

/** After a change of a member of the process at `place`; the same turns if nothing has changed for them. */
export function withTurn(
  turns: Turns,
  place: number,
  was: Member | undefined,
  is: Member | undefined,
  maker?: object,
): Turns {
  const by = Number(isBeingStopped(is)) - Number(isBeingStopped(was));
  if (by === 0) return turns;
  const count = (turns.living.at(place) ?? 0) + by;
  const living = turns.living.withAt(place, count, maker);
  const total = turns.total + by;
  if (count > 0) return { living, total, last: Math.max(turns.last, place) };
  return { living, total, last: place < turns.last ? turns.last : lastBefore(place, living, total) };
}

/** In a stop of all it goes down once over all processes, however many they are. */
function lastBefore(place: number, living: Roster<number>, total: number): number {
  if (total === 0) return -1;
  let last = place - 1;
  while (last >= 0 && (living.at(last) ?? 0) === 0) last -= 1;
  return last;
}

/** Not one that is only left alone until those that need it have ended. */
function isBeingStopped(member: Member | undefined): boolean {
  if (member?.goal !== 'down' || !lives(member)) return false;
  const { want } = member.process;
  return member.inTurnSince !== null || want === 'down' || want === 'finish';
}

/** A later process is still being stopped in the same way. A program that is being stopped already does not wait. */
export function waitsForTurn(
  { turns, spec }: { readonly turns: Turns; readonly spec: FleetSpec },
  name: string,
  { inTurnSince, process: { want } }: Member,
): boolean {
  if (inTurnSince === null || want === 'down') return false;
  return turns.last > processPlace(spec, name);
}

/** How long it may still wait, in milliseconds. */
export function timeToTurn(graceMs: number, { inTurnSince }: Member, now: number): number {
  return inTurnSince === null ? 0 : Math.max(0, inTurnSince + graceMs - now);
}

const processPlace = ({ places, ranks }: FleetSpec, name: string): number =>
  ranks[places.get(name) ?? -1] ?? -1;
