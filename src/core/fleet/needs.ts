/** What a member may do, given the state of those it needs and of those that need it. */
import type { AwaitedNeed } from '../plan/process-plan.ts';
import { isFailure, JUDGED, type Exit } from '../process/exit.ts';
import { cannotBeMet, isHeld, isMet, NO_TALLY } from './counts.ts';
import type { MemberSpec, Need } from './spec.ts';
import type { FleetState } from './state.ts';

type Counted = Pick<FleetState, 'tallies'>;
type CountedMembers = Pick<FleetState, 'spec' | 'members' | 'tallies'>;

const tallyOf = ({ tallies }: Counted, process: string) => tallies.get(process) ?? NO_TALLY;

export function needsAreMet(state: Counted, { needs }: MemberSpec): boolean {
  return needs.every((need) => isSettled(state, need));
}

/** Those that it waits for. */
export function awaitedNeeds(state: Counted, { needs }: MemberSpec): readonly AwaitedNeed[] {
  return needs.filter((need) => !isSettled(state, need)).map(({ process, until }) => ({ process, until }));
}

/** Met, or it never will be, and that does not matter. */
function isSettled(state: Counted, { process, until, required = true }: Need): boolean {
  const tally = tallyOf(state, process);
  return isMet(tally, until) || (!required && cannotBeMet(tally, until));
}

/** Why a member can never be started: something it needs has failed for good. */
export function unmeetable(state: CountedMembers, { needs }: MemberSpec): Exit | undefined {
  const broken = needs.find(
    ({ process, until, required = true }) => required && cannotBeMet(tallyOf(state, process), until),
  );
  if (broken === undefined) return undefined;
  return {
    by: 'refusal',
    error: UNMET,
    message: `it needs '${broken.process}', ${whyBroken(state, broken)}`,
  };
}

const UNMET = JUDGED.unmetNeed;

export const isOfUnmetNeed = (exit: Exit): boolean => exit.by === 'refusal' && exit.error === UNMET;

/**
 * A restart waits for needs that can be met again. Where one has failed for good it is tried all the same: by its own policy it
 * gives up.
 */
export function mustHold(state: CountedMembers, member: MemberSpec): boolean {
  return !needsAreMet(state, member) && unmeetable(state, member) === undefined;
}

/** The rest of the chain, down to what failed by itself. */
function whyBroken({ spec, members }: CountedMembers, { process, until }: Need): string {
  const ends = (spec.needed[spec.neededPlaces.get(process) ?? -1]?.instances ?? []).flatMap((place) => {
    const { phase } = members.at(place)?.process ?? {};
    return phase?.name === 'failed' || phase?.name === 'exited' ? phase.exit : [];
  });
  const failed = ends.find(isFailure);
  if (failed === undefined) return until === 'ready' ? 'which ended before it was ready' : 'which failed';
  if (failed.by !== 'refusal') return 'which failed';
  return failed.error === UNMET ? failed.message.replace(/^it/, 'which') : `which failed: ${failed.message}`;
}

/** Some that need this member's process are being stopped as well, and not gone yet: they stop first. */
export function hasLiveDependents(state: Counted, { process }: MemberSpec): boolean {
  return isHeld(tallyOf(state, process));
}

/** A task, or what others wait for as for one, done: its end is no reason to end the run. */
export function isCompletedTask(
  state: Counted,
  { process, isTask = false }: MemberSpec,
  exit: Exit,
): boolean {
  return (isTask || tallyOf(state, process).tasks > 0) && !isFailure(exit);
}
