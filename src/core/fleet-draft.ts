/** One step of the fleet in the making: no one outside `stepFleet` sees it. */
import { recount, withMember, type Sign } from './fleet-counts.ts';
import type { MemberSpec } from './fleet-spec.ts';
import type { Looks } from './fleet-looks.ts';
import type { FleetEffect, FleetState } from './fleet-state.ts';
import type { Member } from './member.ts';
import { isAlive, type ProcessEvent } from './process-state.ts';
import type { Circumstances } from './process-step.ts';
import { stepProcess } from './process.ts';

export interface Draft {
  readonly at: Circumstances;
  /** As it was when the event came. */
  readonly before: FleetState;
  state: FleetState;
  readonly effects: FleetEffect[];
  readonly looks: Looks;
  /** Tickets that are to be settled in this step: nothing of them is open any more. */
  readonly answered: Set<number>;
}

export function setGoal(draft: Draft, name: string, goal: Member['goal']): void {
  const member = draft.state.members.get(name);
  if (member !== undefined && member.goal !== goal) putMember(draft, name, { ...member, goal });
}

export function stepMember(draft: Draft, name: string, event: ProcessEvent): void {
  const member = draft.state.members.get(name);
  const spec = draft.state.spec.byName.get(name);
  if (member === undefined || spec === undefined) return;
  const { state: process, effects } = stepProcess(spec, member.process, event, draft.at);
  if (process !== member.process) putMember(draft, name, { ...member, process });
  for (const effect of effects) {
    draft.effects.push(
      effect.type === 'notice'
        ? { type: 'process-notice', name, notice: effect.notice }
        : { type: 'process', name, effect },
    );
  }
}

/** Whatever changes a member comes through here, and is counted and looked at. `undefined` drops it. */
export function putMember(draft: Draft, name: string, member: Member | undefined): void {
  const { state, looks } = draft;
  const { spec } = state;
  const one = spec.byName.get(name);
  const before = state.members.get(name);
  if (one === undefined) return;
  draft.state = { ...state, members: state.members.with(name, member) };
  looks.changed(spec, name);
  if (before !== undefined) count(draft, one, before, -1);
  if (member !== undefined) count(draft, one, member, 1);
  for (const { process } of [one, ...one.needs]) {
    const [was, is] = [state.tallies.get(process), draft.state.tallies.get(process)];
    if (was !== undefined && is !== undefined) looks.counted(spec, process, was, is);
  }
}

function count(draft: Draft, one: MemberSpec, member: Member, sign: Sign): void {
  draft.state = { ...draft.state, totals: withMember(draft.state.totals, member, sign) };
  recount(one, member, sign, (process, by) => {
    const { tallies } = draft.state;
    const tally = tallies.get(process);
    if (tally !== undefined) draft.state = { ...draft.state, tallies: tallies.with(process, by(tally)) };
  });
}

export function living(state: FleetState): readonly string[] {
  return [...state.members].filter(([, { process }]) => isAlive(process.phase)).map(([name]) => name);
}
