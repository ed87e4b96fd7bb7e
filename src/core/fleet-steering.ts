/** Brings the members to their goals, each as near as the others allow. */
import type { Agenda } from './agenda.ts';
import { beginClosing, causedBy, endedForGood } from './fleet-closing.ts';
import { stepMember, type Draft } from './fleet-draft.ts';
import { inOrder } from './fleet-looks.ts';
import type { MemberSpec } from './fleet-spec.ts';
import type { Member } from './member.ts';
import { hasLiveDependents, needsAreMet, unmeetable } from './needs.ts';
import { firstFailureOf } from './outcome.ts';
import type { Want } from './process-state.ts';
import { endOfPipeline, hasNoReader, hasNoWriter, hasReadAll, waitsForUpstream } from './stages.ts';

/**
 * Brings every member as near to its goal as the others allow, until nobody is left to be looked at. What may end the run
 * comes first, so that nothing is started to be stopped at once; and the first cause is looked for before it dooms others.
 */
export function settleMembers(draft: Draft): void {
  const { looks } = draft;
  while (looks.areDue) {
    const news = newsIn(draft);
    draft.state = { ...draft.state, firstFailure: firstFailureOf(draft.state, news) };
    const ended = endedForGood(draft, news);
    const isDoomed = moveAny(draft, looks.toDoom, doomMember);
    if (ended !== undefined) beginClosing(draft, causedBy(ended));
    if (isDoomed) continue;
    moveAny(draft, looks.toLower, lowerMember);
    moveAny(draft, looks.toRaise, raiseMember);
  }
}

/** The members that have changed; of a pipeline that has ended all stages, for it ends as a whole. */
function newsIn({ looks, state }: Draft): readonly MemberSpec[] {
  const { members, places, pipelines } = state.spec;
  const changed = looks.takeNews();
  const stages = changed.filter((place) => members[place]?.stage !== undefined);
  const ended = new Set(stages.flatMap((place) => members[place]?.process ?? []));
  for (const pipeline of ended) if (endOfPipeline(state, pipeline) === undefined) ended.delete(pipeline);
  const others = [...ended].flatMap((pipeline) => pipelines.get(pipeline) ?? []);
  const all = new Set([...changed, ...others.flatMap(({ name }) => places.get(name) ?? [])]);
  return (others.length === 0 ? changed : inOrder(all)).flatMap((place) => members[place] ?? []);
}

type Move = (draft: Draft, spec: MemberSpec, member: Member) => boolean;

function moveAny(draft: Draft, agenda: Agenda, move: Move): boolean {
  let moved = false;
  agenda.pass((place) => {
    const spec = draft.state.spec.members[place];
    const member = draft.state.members.get(spec?.name ?? '');
    if (spec !== undefined && member !== undefined) moved = move(draft, spec, member) || moved;
  });
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
