/**
 * Members come and go while the fleet runs. Who is no longer wanted is departing: a member with its old spec that is
 * stopped, and dropped when nothing of it lives; until then it may be wanted again.
 */
import type { Draft } from './draft.ts';
import { stepMember } from './draft.ts';
import { fleetSpec, newMember, type FleetSpec, type FleetState, type MemberSpec } from './state.ts';
import { startOrder } from './order.ts';
import { isDown } from '../process/state.ts';
import { supersede } from './tickets.ts';

/** A ticket about who departs is overtaken as by a stop; where it asked for that, it is answered in time. */
export function reform(draft: Draft, wanted: FleetSpec): void {
  const { spec, members, tickets, dropped } = draft.state;
  const leaving = spec.members.filter(({ name }) => !wanted.byName.has(name));
  const all = [...wanted.members, ...withoutCycles(wanted.members, leaving)];
  const names = leaving.map(({ name }) => name);
  draft.state = {
    ...draft.state,
    spec: fleetSpec(all, wanted.onExit, wanted.resident),
    members: new Map(
      all.map(({ name }) => {
        const member = members.get(name) ?? newMember(dropped);
        const departing = !wanted.byName.has(name);
        return [name, { ...member, departing, goal: departing ? 'down' : member.goal }];
      }),
    ),
    tickets: tickets.map((ticket) => supersede(ticket, 'stop', names)),
  };
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
  const needs = new Map<string, MemberSpec['needs']>();
  for (const member of [...staying, ...leaving]) {
    needs.set(member.process, [...(needs.get(member.process) ?? []), ...member.needs]);
  }
  const order = startOrder([...needs].map(([name, all]) => ({ name, needs: all })));
  return 'cycle' in order ? leaving.map((member) => ({ ...member, needs: [] })) : leaving;
}

/** While the run ends nobody is dropped: how they end decides its outcome. */
export function dropDeparted(draft: Draft): void {
  const { state } = draft;
  if (state.closing !== null) return;
  const isGone = (name: string) => {
    const member = state.members.get(name);
    return member !== undefined && member.departing && isDown(member.process.phase);
  };
  const gone = [...state.members.keys()].filter(isGone);
  if (gone.length > 0) draft.state = without(state, new Set(gone));
}

function without(state: FleetState, gone: ReadonlySet<string>): FleetState {
  const { members, onExit, resident } = state.spec;
  const kept = members.filter(({ name }) => !gone.has(name));
  let { run, timer } = state.dropped;
  for (const [name, { process }] of state.members) {
    if (!gone.has(name)) continue;
    run = Math.max(run, process.run);
    timer = Math.max(timer, process.timer);
  }
  return {
    ...state,
    spec: fleetSpec(kept, onExit, resident),
    members: new Map([...state.members].filter(([name]) => !gone.has(name))),
    dropped: { run, timer },
  };
}
