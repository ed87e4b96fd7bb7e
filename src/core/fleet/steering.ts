/** Brings the members to their goals, each as near as the others allow. */
import { inOrder, type Agenda } from './agenda.ts';
import { isQueued, nextGranted, queued, refusalOf, unqueued } from './caps.ts';
import { beginClosing, causedBy, endedForGood } from './closing.ts';
import { grantClaim } from './claims.ts';
import { stepMember, type Draft } from './draft.ts';
import { followEnds } from './follow.ts';
import type { MemberSpec } from './spec.ts';
import type { Member } from './member.ts';
import { hasLiveDependents, isOfUnmetNeed, mustHold, needsAreMet, unmeetable } from './needs.ts';
import { firstFailureOf } from './outcome.ts';
import type { ProcessEvent, Want } from '../process/state.ts';
import { graceOf } from '../process/stop.ts';
import { timeToTurn, waitsForTurn } from './turns.ts';
import { endOfPipeline, hasNoReader, hasNoWriter, hasReadAll, waitsForUpstream } from './stages.ts';

/**
 * Brings every member as near to its goal as the others allow, until none is left to be looked at. What may end the run
 * comes first, so that nothing is started to be stopped at once; and the first cause is looked for before it dooms others.
 */
export function settleMembers(draft: Draft): void {
  const { looks } = draft;
  while (looks.areDue || draft.ends.length > 0 || nextGranted(draft.state) !== undefined) {
    followEnds(draft);
    const news = newsIn(draft);
    draft.state.firstFailure = firstFailureOf(draft.state, news);
    const ended = endedForGood(draft, news);
    const isDoomed = moveAny(draft, looks.toDoom, doom);
    if (ended !== undefined) beginClosing(draft, causedBy(ended));
    if (isDoomed) continue;
    moveAny(draft, looks.toLower, lower);
    // It may stop one, and what needs that is not started beforehand.
    looks.toRoll.pass((place) => draft.state.rolls?.attend(draft, place));
    moveAny(draft, looks.toRaise, raise);
    grantCaps(draft);
  }
}

/** After all that gives something back, and all that wants something. */
function grantCaps(draft: Draft): void {
  const { state } = draft;
  for (let user = nextGranted(state); user !== undefined; user = nextGranted(state)) {
    state.caps = unqueued(state.caps, user);
    if ('member' in user) {
      const place = state.spec.places.get(user.member);
      if (place !== undefined) stepMember(draft, place, { type: 'want', want: 'up' });
    } else grantClaim(draft, user.claim);
  }
}

/** The members that have ended for good; of a pipeline that has ended all stages, for it ends as a whole. */
function newsIn({ looks, state }: Draft): readonly MemberSpec[] {
  const { members, places, pipelines } = state.spec;
  const news = looks.takeNews();
  if (news.length === 0 || pipelines.size === 0) return news.flatMap((place) => members[place] ?? []);
  const ended = new Set<string>();
  for (const place of news) {
    const { stage, process = '' } = members[place] ?? {};
    if (stage !== undefined && endOfPipeline(state, process) !== undefined) ended.add(process);
  }
  const stages = [...ended].flatMap((pipeline) => pipelines.get(pipeline) ?? []);
  const all = inOrder([...news, ...stages.flatMap(({ name }) => places.get(name) ?? [])]);
  return all.flatMap((place) => members[place] ?? []);
}

type Move = (draft: Draft, spec: MemberSpec, member: Member) => ProcessEvent | undefined;

function moveAny(draft: Draft, agenda: Agenda, moveOf: Move): boolean {
  let moved = false;
  agenda.pass((place) => {
    const spec = draft.state.spec.members[place];
    const member = draft.state.members.at(place);
    const move = spec && member && moveOf(draft, spec, member);
    if (move === undefined) return;
    stepMember(draft, place, move);
    moved = true;
  });
  return moved;
}

/** Or takes that back: what had failed for good is being started again, and may be there this time. */
function doom(
  draft: Draft,
  spec: MemberSpec,
  { goal, ignoresNeeds, process: { phase } }: Member,
): ProcessEvent | undefined {
  const isDoomed = phase.name === 'failed' && isOfUnmetNeed(phase.exit);
  if (goal !== 'up' || ignoresNeeds || (phase.name !== 'idle' && !isDoomed)) return undefined;
  const exit = unmeetable(draft.state, spec);
  if (isDoomed) return exit === undefined ? { type: 'forget' } : undefined;
  return exit && { type: 'doom', exit };
}

function lower(draft: Draft, spec: MemberSpec, member: Member): ProcessEvent | undefined {
  const want = wantOf(draft, spec, member);
  if (want === 'up' || want === member.process.want) return undefined;
  const signal = draft.state.closing?.signal;
  return {
    type: 'want',
    want,
    ms: timeFor(draft, spec, member, want),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** A stage that reads what is left while its pipeline waits for later processes has the longer time of both. */
function timeFor({ state, at }: Draft, spec: MemberSpec, member: Member, want: Want): number {
  const { drainMs = 0, name } = spec;
  if (want !== 'wait' && want !== 'finish') return 0;
  const toTurn = waitsForTurn(state, name, member)
    ? timeToTurn(graceOf(spec, member.process), member, at.now)
    : 0;
  if (want === 'wait') return toTurn;
  return Math.min(Math.max(drainMs, toTurn), member.process.graceMs ?? Infinity);
}

function raise(draft: Draft, spec: MemberSpec, member: Member): ProcessEvent | undefined {
  if (member.heldTimer !== null && !mustHold(draft.state, spec))
    return { type: 'timer', timer: member.heldTimer };
  if (member.process.want === 'up') return undefined;
  const isWanted = wantOf(draft, spec, member) === 'up';
  if (spec.uses !== undefined && member.process.phase.name === 'idle')
    return queueForCaps(draft, spec, isWanted);
  return isWanted ? { type: 'want', want: 'up' } : undefined;
}

/** It is started by `grantCaps`, when its turn has come. */
function queueForCaps(
  { state }: Draft,
  { name, uses = [] }: MemberSpec,
  isWanted: boolean,
): ProcessEvent | undefined {
  const user = { member: name };
  if (!isWanted) state.caps = unqueued(state.caps, user);
  if (!isWanted || isQueued(state.caps, user)) return undefined;
  const exit = refusalOf(state, uses);
  if (exit !== undefined) return { type: 'doom', exit };
  state.caps = queued(state.caps, user);
  return undefined;
}

function wantOf({ state }: Draft, member: MemberSpec, is: Member): Want {
  const { goal, process } = is;
  if (goal === 'down') {
    // A second Ctrl-C waits for nothing.
    if (state.closing?.hurried === true) return 'down';
    // It has not ended by itself, and must not doom those that need it.
    if (process.phase.name === 'backoff') return 'down';
    if (hasLiveDependents(state, member) || waitsForUpstream(state, member)) return 'drain';
    // Nor does a stop that gives no time at all.
    if (process.graceMs === 0 && process.phase.name === 'running') return 'down';
    const waits = waitsForTurn(state, member.name, is);
    // Its time begins when it runs.
    if (waits && process.phase.name === 'starting') return 'drain';
    if (hasNoWriter(state, member) && process.want !== 'down') return 'finish';
    return waits && process.phase.name === 'running' ? 'wait' : 'down';
  }
  if (process.phase.name === 'idle') return is.ignoresNeeds || needsAreMet(state, member) ? 'up' : 'down';
  // Not `drain`: what dies meanwhile has not ended for good.
  // What waits for its restart has nothing to wait for, and would only be started to be stopped.
  const mayWait = process.want !== 'down' && process.phase.name !== 'backoff';
  if (is.awaitsNeeds) return mayWait && hasLiveDependents(state, member) ? 'up' : 'down';
  return hasNoReader(state, member) || hasReadAll(state, member) ? 'drain' : 'up';
}
