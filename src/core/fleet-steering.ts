/** Brings the members to their goals, each as near as the others allow. */
import { beginClosing, causedBy, endedForGood } from './fleet-closing.ts';
import { stepMember, type Draft } from './fleet-draft.ts';
import type { Member, MemberSpec } from './fleet-state.ts';
import { hasLiveDependents, needsAreMet, unmeetable } from './needs.ts';
import { firstFailureOf } from './outcome.ts';
import type { Want } from './process-state.ts';

/**
 * Brings every member as near to its goal as the others allow, until nothing moves. What may end the run comes first,
 * so that nothing is started to be stopped at once; and the first cause is looked for before it dooms others.
 */
export function settleMembers(draft: Draft): void {
  for (let moved = true; moved;) {
    noteFailures(draft);
    const ended = endedForGood(draft);
    moved = anyMember(draft, doomMember);
    if (ended !== undefined) beginClosing(draft, causedBy(ended));
    moved ||= anyMember(draft, steerMember);
  }
}

function anyMember(draft: Draft, move: (draft: Draft, spec: MemberSpec, member: Member) => boolean): boolean {
  let moved = false;
  for (const spec of draft.spec.members) {
    const member = draft.state.members.get(spec.name);
    if (member !== undefined) moved = move(draft, spec, member) || moved;
  }
  return moved;
}

function doomMember(draft: Draft, spec: MemberSpec, { goal, process }: Member): boolean {
  if (goal !== 'up' || process.phase.name !== 'idle') return false;
  const exit = unmeetable(draft.spec, draft.state, spec);
  if (exit !== undefined) stepMember(draft, spec.name, { type: 'doom', exit });
  return exit !== undefined;
}

function steerMember(draft: Draft, spec: MemberSpec, member: Member): boolean {
  const want = wantOf(draft, spec, member);
  if (want === member.process.want) return false;
  const signal = draft.state.closing?.signal;
  stepMember(draft, spec.name, { type: 'want', want, ...(signal === undefined ? {} : { signal }) });
  return true;
}

function wantOf({ spec, state }: Draft, member: MemberSpec, { goal, process }: Member): Want {
  if (goal === 'down') return hasLiveDependents(spec, state, member) ? 'drain' : 'down';
  return process.phase.name === 'idle' && !needsAreMet(spec, state, member) ? 'down' : 'up';
}

function noteFailures(draft: Draft): void {
  draft.state = { ...draft.state, firstFailure: firstFailureOf(draft.state) };
}
