/** One step of the fleet in the making: no one outside `stepFleet` sees it. */
import type { FleetEffect, FleetState, Member } from './state.ts';
import { isAlive, type ProcessEvent } from '../process/state.ts';
import type { Circumstances } from '../process/transitions.ts';
import { stepProcess } from '../process/step.ts';

export interface Draft {
  readonly at: Circumstances;
  /** As it was when the event came. */
  readonly before: FleetState;
  state: FleetState;
  readonly effects: FleetEffect[];
}

export function setGoal(draft: Draft, name: string, goal: Member['goal']): void {
  const member = draft.state.members.get(name);
  if (member !== undefined) putMember(draft, name, { ...member, goal });
}

export function stepMember(draft: Draft, name: string, event: ProcessEvent): void {
  const member = draft.state.members.get(name);
  const spec = draft.state.spec.byName.get(name);
  if (member === undefined || spec === undefined) return;
  const { state: process, effects } = stepProcess(spec, member.process, event, draft.at);
  putMember(draft, name, { ...member, process });
  for (const effect of effects) {
    draft.effects.push(
      effect.type === 'record'
        ? { type: 'record', event: { name, ...effect.event } }
        : { type: 'process', name, effect },
    );
  }
}

function putMember(draft: Draft, name: string, member: Member): void {
  draft.state = { ...draft.state, members: new Map(draft.state.members).set(name, member) };
}

export function living(state: FleetState): readonly string[] {
  return [...state.members].filter(([, { process }]) => isAlive(process.phase)).map(([name]) => name);
}
