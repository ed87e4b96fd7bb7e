/** What is asked to start brings what it needs with it. */
import { askedUp, supersede } from './asks.ts';
import { putMember, stepMember, type Draft } from './draft.ts';
import type { Member } from './member.ts';
import { isFailure } from '../process/exit.ts';
import { isUnkillable } from '../process/state.ts';

/**
 * `known`: places of those that are asked for. What runs already, or will by itself, is left alone. Returns the places of all
 * of them together.
 */
export function startNeeds(draft: Draft, known: readonly number[]): ReadonlySet<number> {
  const { spec } = draft.state;
  const seen = new Set(known);
  const open = [...known];
  /** So far only their success is needed, and one that is done was left alone. */
  const tasks = new Set<number>();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const { needed, until } of spec.counts[place]?.needs ?? []) {
      for (const other of spec.needed[needed]?.instances ?? []) {
        const isTask = until === 'succeeded';
        const isNew = !seen.has(other);
        if (!isNew && (isTask || !tasks.delete(other))) continue;
        if (isTask) tasks.add(other);
        startNeeded(draft, other, isTask, spec.members[place]?.process ?? '');
        if (!isNew) continue;
        seen.add(other);
        open.push(other);
      }
    }
  }
  return seen;
}

function startNeeded(draft: Draft, place: number, isTask: boolean, by: string): void {
  const member = draft.state.members.at(place);
  const { name = '' } = draft.state.spec.members[place] ?? {};
  if (member === undefined || !isToBeStarted(member, isTask)) return;
  draft.effects.push({ type: 'record', event: { type: 'needed', name, by } });
  supersede(draft, place, 'start');
  const asked = draft.state.members.at(place) ?? member;
  putMember(draft, place, asked, askedUp(asked, false));
  const { phase } = asked.process;
  if (phase.name === 'exited' || phase.name === 'failed') stepMember(draft, place, { type: 'forget' });
}

/** A task that has succeeded is not run again. */
function isToBeStarted({ goal, departing, process: { phase } }: Member, isTask: boolean): boolean {
  if (departing || isUnkillable(phase)) return false;
  if (phase.name === 'exited') return isFailure(phase.exit) || !isTask;
  return goal === 'down' || phase.name === 'failed';
}
