/**
 * Members come and go while the fleet runs. One that is no longer wanted is departing: a member with its old spec that is
 * stopped, and dropped when nothing of it lives; until then it may be wanted again.
 */
import { putMember, stepMember, type Draft } from './draft.ts';
import { fleetSpec, needsByProcess, type FleetSpec, type MemberSpec } from './spec.ts';
import { manned } from './state.ts';
import { supersede } from './asks.ts';
import { newMember, type Member } from './member.ts';
import { startOrder } from './order.ts';
import { isDown, isUnkillable } from '../process/state.ts';

/** A ticket about a departing member is overtaken as by a stop; where it asked for that, it is answered in time. */
export function reform(draft: Draft, wanted: FleetSpec): void {
  const { spec, members, dropped } = draft.state;
  const leaving = spec.members.filter(({ name }) => members.has(name) && !wanted.byName.has(name));
  const all = [...wanted.members, ...withoutCycles(wanted.members, leaving)];
  const next = fleetSpec(all, wanted.onExit, wanted.resident, [...wanted.caps.values()]);
  const memberOf = (name: string): Member => {
    const member = members.get(name) ?? newMember(dropped);
    const departing = !wanted.byName.has(name);
    return { ...member, departing, goal: departing ? 'down' : member.goal };
  };
  Object.assign(draft.state, manned(next, memberOf, draft.state.caps));
  draft.looks.everybody(next);
  const isWanted = (place: number): boolean => place < wanted.members.length;
  for (const place of all.keys()) {
    if (isWanted(place)) takeForReady(draft, place);
    else supersede(draft, place, 'stop');
  }
}

/** A member that is ready as soon as it runs is not probed any more: no prober would say so. */
function takeForReady(draft: Draft, place: number): void {
  const run = draft.state.members.at(place)?.process.run;
  const isStarted = draft.state.spec.members[place]?.readiness === 'started';
  if (run !== undefined && isStarted) stepMember(draft, place, { type: 'ready', run });
  const next = draft.state.members.at(place)?.beside?.process.run;
  if (next !== undefined && isStarted) draft.state.rolls?.step(draft, place, { type: 'ready', run: next });
}

/**
 * Needs of then and needs of now can make a cycle, in which all wait for ever to be stopped after the others.
 * Then departing members need nothing.
 */
function withoutCycles(
  staying: readonly MemberSpec[],
  leaving: readonly MemberSpec[],
): readonly MemberSpec[] {
  if (leaving.length === 0) return [];
  const order = startOrder(needsByProcess([...staying, ...leaving]));
  return 'cycle' in order ? leaving.map((member) => ({ ...member, needs: [] })) : leaving;
}

/**
 * While the run ends no member is dropped: how they end decides its outcome. What cannot be killed is a member as long as it
 * lives, or another one of its name could be started beside it.
 */
export function dropDeparted(draft: Draft, touched: readonly number[]): void {
  const { closing, totals, spec } = draft.state;
  if (closing !== null || totals.departing === 0) return;
  for (const place of touched) {
    const one = spec.members[place];
    const member = draft.state.members.at(place);
    if (one !== undefined && member !== undefined && isGone(member)) drop(draft, place, one, member);
  }
  if (draft.state.totals.departing === 0) forgetDropped(draft);
}

function isGone({ departing, process: { phase }, beside }: Member): boolean {
  return departing && isDown(phase) && !isUnkillable(phase) && beside === null;
}

/** Its pipeline may have ended without it, and its neighbours are alone: they are looked at in the next step. */
function drop(draft: Draft, place: number, one: MemberSpec, member: Member): void {
  putMember(draft, place, member, undefined);
  const { name } = one;
  const { process } = member;
  const { spec, dropped, due } = draft.state;
  const pipeline = one.stage && spec.pipelines.get(one.process);
  const run = Math.max(dropped.run, process.run, process.besideRun);
  const timer = Math.max(dropped.timer, process.timer, process.besideTimer);
  const beside = (pipeline ?? []).map((stage) => stage.name);
  draft.state.dropped = { run, timer };
  draft.state.due = [...due, ...beside];
  draft.effects.push({ type: 'dropped', name });
}

/**
 * Once for each reform, which has looked at all of them as well. Without them processes may come in another order, so those
 * that wait for their turn are looked at in the next step.
 */
function forgetDropped(draft: Draft): void {
  const { spec, members, due } = draft.state;
  if (members.size === spec.members.length) return;
  const kept = spec.members.filter(({ name }) => members.has(name));
  const next = fleetSpec(kept, spec.onExit, spec.resident, [...spec.caps.values()]);
  Object.assign(
    draft.state,
    manned(next, (name) => members.get(name), draft.state.caps),
  );
  const inTurn = [...members].filter(([, { inTurnSince }]) => inTurnSince !== null);
  if (inTurn.length > 0) draft.state.due = [...due, ...inTurn.map(([name]) => name)];
}
