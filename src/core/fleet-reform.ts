/**
 * Members come and go while the fleet runs. Who is no longer wanted is departing: a member with its old spec that is
 * stopped, and dropped when nothing of it lives; until then it may be wanted again.
 */
import { putMember, stepMember, type Draft } from './fleet-draft.ts';
import { inOrder } from './fleet-looks.ts';
import { fleetSpec, type FleetSpec, type MemberSpec } from './fleet-spec.ts';
import { manned } from './fleet-state.ts';
import { supersede } from './fleet-tickets.ts';
import { newMember, type Member } from './member.ts';
import { startOrder } from './order.ts';
import { isDown, isUnkillable } from './process-state.ts';

/** A ticket about who departs is overtaken as by a stop; where it asked for that, it is answered in time. */
export function reform(draft: Draft, wanted: FleetSpec): void {
  const { spec, members, dropped } = draft.state;
  const leaving = spec.members.filter(({ name }) => members.has(name) && !wanted.byName.has(name));
  const all = [...wanted.members, ...withoutCycles(wanted.members, leaving)];
  const next = fleetSpec(all, wanted.onExit, wanted.resident);
  const memberOf = (name: string): Member => {
    const member = members.get(name) ?? newMember(dropped);
    const departing = !wanted.byName.has(name);
    return { ...member, departing, goal: departing ? 'down' : member.goal };
  };
  draft.state = { ...draft.state, ...manned(next, memberOf) };
  draft.looks.everybody(next);
  for (const { name } of leaving) supersede(draft, name, 'stop');
  for (const member of wanted.members) takeForReady(draft, member);
}

/** Who is ready as soon as it runs is not probed any more: nobody else would say so. */
function takeForReady(draft: Draft, { name, readiness }: MemberSpec): void {
  const run = draft.state.members.get(name)?.process.run;
  if (run !== undefined && readiness === 'started') stepMember(draft, name, { type: 'ready', run });
}

/**
 * Needs of then and needs of now can make a cycle, in which everybody waits for ever to be stopped after the others.
 * Then those who leave need nothing.
 */
function withoutCycles(
  staying: readonly MemberSpec[],
  leaving: readonly MemberSpec[],
): readonly MemberSpec[] {
  if (leaving.length === 0) return [];
  const needs = new Map<string, MemberSpec['needs'][number][]>();
  for (const { process, needs: some } of [...staying, ...leaving]) {
    const known = needs.get(process);
    if (known === undefined) needs.set(process, [...some]);
    else known.push(...some);
  }
  const order = startOrder([...needs].map(([name, all]) => ({ name, needs: all })));
  return 'cycle' in order ? leaving.map((member) => ({ ...member, needs: [] })) : leaving;
}

/**
 * While the run ends nobody is dropped: how they end decides its outcome. What cannot be killed is a member as long as it
 * lives, or another one of its name could be started beside it.
 */
export function dropDeparted(draft: Draft): void {
  const { closing, totals, spec } = draft.state;
  if (closing !== null || totals.departing === 0) return;
  for (const place of inOrder(draft.looks.touched)) {
    const { name = '' } = spec.members[place] ?? {};
    const member = draft.state.members.get(name);
    if (member !== undefined && isGone(member)) drop(draft, name, member);
  }
  if (draft.state.totals.departing === 0) forgetDropped(draft);
}

function isGone({ departing, process: { phase } }: Member): boolean {
  return departing && isDown(phase) && !isUnkillable(phase);
}

/** Its pipeline may have ended without it, and its neighbours are alone: they are looked at in the next step. */
function drop(draft: Draft, name: string, { process }: Member): void {
  putMember(draft, name, undefined);
  const { spec, dropped, due } = draft.state;
  const pipeline = spec.byName.get(name)?.stage && spec.pipelines.get(spec.byName.get(name)?.process ?? '');
  const run = Math.max(dropped.run, process.run);
  const timer = Math.max(dropped.timer, process.timer);
  const beside = (pipeline ?? []).map((stage) => stage.name);
  draft.state = { ...draft.state, dropped: { run, timer }, due: [...due, ...beside] };
  draft.effects.push({ type: 'dropped', name });
}

/** Once for each reform, which has looked at all of them as well. */
function forgetDropped(draft: Draft): void {
  const { spec, members } = draft.state;
  if (members.size === spec.members.length) return;
  const kept = spec.members.filter(({ name }) => members.has(name));
  const next = fleetSpec(kept, spec.onExit, spec.resident);
  draft.state = { ...draft.state, ...manned(next, (name) => members.get(name)) };
}
