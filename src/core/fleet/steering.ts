/** Brings the members to their goals, each as near as the others allow. */
import { beginClosing, causedBy, endedForGood } from './closing.ts';
import { stepMember, type Draft } from './draft.ts';
import type { Member, MemberSpec } from './state.ts';
import { hasLiveDependents, needsAreMet, unmeetable } from './needs.ts';
import { firstFailureOf } from './outcome.ts';
import type { Want } from '../process/state.ts';
import { hasNoReader, hasNoWriter, hasReadAll, waitsForUpstream } from './stages.ts';

/**
 * Brings every member as near to its goal as the others allow, until nothing moves. What may end the run comes first,
 * so that nothing is started to be stopped at once; and the first cause is looked for before it dooms others.
 */
export function settleMembers(draft: Draft): void {
  for (let moved = true; moved;) {
    noteFailures(draft);
    const ended = endedForGood(draft);
    const { members } = draft.state.spec;
    moved = anyMember(draft, members, doomMember);
    if (ended !== undefined) beginClosing(draft, causedBy(ended));
    if (!moved) moved = steer(draft, members);
  }
}

/** The last is stopped first. */
function steer(draft: Draft, members: readonly MemberSpec[]): boolean {
  const lowered = anyMember(draft, members.toReversed(), lowerMember);
  return anyMember(draft, members, raiseMember) || lowered;
}

type Move = (draft: Draft, spec: MemberSpec, member: Member) => boolean;

function anyMember(draft: Draft, members: readonly MemberSpec[], move: Move): boolean {
  let moved = false;
  for (const spec of members) {
    const member = draft.state.members.get(spec.name);
    if (member !== undefined) moved = move(draft, spec, member) || moved;
  }
  return moved;
}

function doomMember(draft: Draft, spec: MemberSpec, { goal, process }: Member): boolean {
  if (goal !== 'up' || process.phase.name !== 'idle') return false;
  const exit = unmeetable(draft.state, spec);
  if (exit !== undefined) stepMember(draft, spec.name, { type: 'doom', exit });
  return exit !== undefined;
}

function lowerMember(draft: Draft, spec: MemberSpec, member: Member): boolean {
  const want = wantOf(draft, spec, member);
  if (want === 'up' || want === member.process.want) return false;
  const signal = draft.state.closing?.signal;
  stepMember(draft, spec.name, { type: 'want', want, ...(signal === undefined ? {} : { signal }) });
  return true;
}

function raiseMember(draft: Draft, spec: MemberSpec, member: Member): boolean {
  if (member.process.want === 'up' || wantOf(draft, spec, member) !== 'up') return false;
  stepMember(draft, spec.name, { type: 'want', want: 'up' });
  return true;
}

function wantOf({ state }: Draft, member: MemberSpec, { goal, process }: Member): Want {
  if (goal === 'down') {
    // A second Ctrl-C waits for nobody.
    if (state.closing?.hurried === true) return 'down';
    if (hasLiveDependents(state, member) || waitsForUpstream(state, member)) return 'drain';
    return hasNoWriter(state, member) && process.want !== 'down' ? 'finish' : 'down';
  }
  if (process.phase.name === 'idle') return needsAreMet(state, member) ? 'up' : 'down';
  return hasNoReader(state, member) || hasReadAll(state, member) ? 'drain' : 'up';
}

function noteFailures(draft: Draft): void {
  draft.state = { ...draft.state, firstFailure: firstFailureOf(draft.state) };
}
