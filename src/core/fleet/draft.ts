/** What one step of the fleet changes: members, and the counts that go by them. */
import { withChange, withDependent, withInstance, type Tally } from './counts.ts';
import { withMember } from './caps.ts';
import { withTurn } from './turns.ts';
import type { Draft, FleetEffect, FleetState } from './state.ts';
import { isTwofold, lives, runsOn, type Member } from './member.ts';
import { isAlive, type ProcessEffect, type ProcessEvent } from '../process/state.ts';
import { stepProcess } from '../process/step.ts';

export type { Draft } from './state.ts';

/**
 * Members are named by their places in the spec: that spares a search at every touch. `isInTurn`: it is stopped in the order
 * of all that are asked at the same time, one process after the other.
 */
export function setDown(draft: Draft, place: number, isInTurn: boolean): void {
  const member = draft.state.members.at(place);
  if (member === undefined) return;
  const is = askedDown(member, isInTurn, draft.at.now);
  if (is !== member) putMember(draft, place, member, is);
}

/** Its time counts from the first request. A stop without an order is at once, and stays so. */
export function askedDown(member: Member, isInTurn: boolean, now: number): Member {
  if (member.goal === 'up') return { ...member, goal: 'down', inTurnSince: isInTurn ? now : null };
  return isInTurn || member.inTurnSince === null ? member : { ...member, inTurnSince: null };
}

/** `graceMs` null: as its spec says, unless it is being stopped already, with another one. */
export function giveGrace(draft: Draft, place: number, graceMs: number | null): void {
  const member = draft.state.members.at(place);
  if (member === undefined) return;
  const { goal, process } = member;
  if (graceMs !== null) draft.state.rolls?.step(draft, place, { type: 'grace', ms: graceMs });
  const isSettled = process.graceMs === null || goal === 'down' || process.phase.name !== 'running';
  if (graceMs !== null || !isSettled) stepMember(draft, place, { type: 'grace', ms: graceMs });
}

export function stepMember(draft: Draft, place: number, event: ProcessEvent): void {
  const spec = draft.state.spec.members[place];
  const member = draft.state.members.at(place);
  if (spec === undefined || member === undefined) return;
  const { state: process, effects } = stepProcess(spec, member.process, event, draft.at);
  if (process !== member.process) putMember(draft, place, member, { ...member, process });
  for (const effect of effects) draft.effects.push(effectOf(spec.name, effect));
}

export const effectOf = (name: string, effect: ProcessEffect): FleetEffect =>
  effect.type === 'record'
    ? { type: 'record', event: { name, ...effect.event } }
    : { type: 'process', name, effect };

/** Whatever changes a member comes through here, and is counted and looked at. `undefined` drops it. */
export function putMember(draft: Draft, place: number, was: Member, changed: Member | undefined): void {
  const { state, looks, maker } = draft;
  const is = changed && waitingOrNot(draft, place, changed);
  const { members, spec, tallies } = state;
  state.members = members.withAt(place, is, maker);
  state.totals = withChange(state.totals, was, is);
  looks.changed(spec, place, is);
  countTurn(draft, place, was, is);
  // The next instance has its turn to be rolled.
  if (isTwofold(was) && (is === undefined || !isTwofold(is)))
    looks.toRoll.addAll(spec.processes[spec.ranks[place] ?? -1]?.places ?? []);
  const one = spec.members[place];
  if (one?.uses !== undefined) state.caps = withMember(state.caps, one, was, is);
  const counts = spec.counts[place];
  if (counts === undefined) return;
  if (counts.own !== undefined) {
    const tally = tallies.at(counts.own);
    if (tally !== undefined) putTally(draft, counts.own, tally, withInstance(tally, was, is));
  }
  counts.needs.forEach(({ needed, until }) => {
    const tally = state.tallies.at(needed);
    if (tally !== undefined) putTally(draft, needed, tally, withDependent(tally, until, was, is));
  });
  if (is !== undefined && counts.own !== undefined && doesNotRunOn(was, is)) draft.ends.push(place);
}

/** Its run has ended, or it has been asked to end. A member that departs does not end its process. */
function doesNotRunOn(was: Member, is: Member): boolean {
  if (is.departing || !runsOn(was)) return false;
  if (!runsOn(is) && isAlive(is.process.phase)) return true;
  return was.process.phase.name === 'running' && is.process.phase.name !== 'running';
}

/** What holds only until it runs, or does not live any more. */
function waitingOrNot({ state, at }: Draft, place: number, member: Member): Member {
  const { goal, process, awaitsNeeds, ignoresNeeds, ranWithoutNeeds, heldTimer, waitingSince } = member;
  const spec = state.spec.members[place];
  const hasNeeds = (spec?.needs.length ?? 0) > 0;
  const usesCaps = spec?.uses !== undefined;
  // Most members need nothing.
  if (!hasNeeds && !usesCaps && !awaitsNeeds && !ignoresNeeds && !ranWithoutNeeds && waitingSince === null)
    return member;
  const { name } = process.phase;
  const isIdle = name === 'idle';
  const isOver = name === 'exited' || name === 'failed';
  const mayWait = usesCaps || (hasNeeds && !ignoresNeeds);
  const isHeld = goal === 'up' && name === 'backoff' && heldTimer === process.timer;
  const is = {
    awaitsNeeds: awaitsNeeds && goal === 'up' && !isIdle && !isOver,
    // What is over becomes idle before it starts.
    ignoresNeeds: ignoresNeeds && goal === 'up' && (isIdle || isOver),
    ranWithoutNeeds: goal === 'up' && !isIdle && !isOver && (ignoresNeeds || ranWithoutNeeds),
    heldTimer: isHeld ? heldTimer : null,
    waitingSince: (goal === 'up' && isIdle && mayWait) || isHeld ? (waitingSince ?? at.now) : null,
  };
  const isSame =
    is.awaitsNeeds === awaitsNeeds &&
    is.ignoresNeeds === ignoresNeeds &&
    is.ranWithoutNeeds === ranWithoutNeeds &&
    is.heldTimer === heldTimer &&
    is.waitingSince === waitingSince;
  return isSame ? member : { ...member, ...is };
}

/** When the last process that was being stopped has ended, the one before it has its turn. */
function countTurn({ state, looks, maker }: Draft, place: number, was: Member, is: Member | undefined): void {
  const rank = state.spec.ranks[place];
  if (rank === undefined) return;
  const { last } = state.turns;
  state.turns = withTurn(state.turns, rank, was, is, maker);
  if (state.turns.last < last) looks.turnOf(state.spec, state.turns.last);
}

function putTally({ state, looks, maker }: Draft, needed: number, was: Tally, is: Tally): void {
  if (is === was) return;
  state.tallies = state.tallies.withAt(needed, is, maker);
  looks.counted(state.spec, needed, was, is);
}

export function living(state: FleetState): readonly string[] {
  return [...state.members].filter(([, member]) => lives(member)).map(([name]) => name);
}
