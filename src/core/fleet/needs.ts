/** What a member may do, given the state of those it needs and of those that need it. */
import { isFailure, type Exit } from '../process/exit.ts';
import { cannotBeMet, isHeld, isMet, NO_TALLY } from './counts.ts';
import type { MemberSpec } from './spec.ts';
import type { FleetState } from './state.ts';

type Counted = Pick<FleetState, 'members' | 'tallies'>;

const tallyOf = ({ tallies }: Counted, process: string) => tallies.get(process) ?? NO_TALLY;

export function needsAreMet(state: Counted, { needs }: MemberSpec): boolean {
  return needs.every(({ process, until }) => isMet(tallyOf(state, process), until));
}

/** Why a member can never be started: something it needs has failed for good. */
export function unmeetable(state: Counted, { needs }: MemberSpec): Exit | undefined {
  const broken = needs.find(({ process, until }) => cannotBeMet(tallyOf(state, process), until));
  if (broken === undefined) return undefined;
  return { by: 'refusal', error: 'ENEED', message: `it needs '${broken.process}', which failed` };
}

/** Some that need this member's process are not gone yet: they stop first. */
export function hasLiveDependents(state: Counted, { name, process }: MemberSpec): boolean {
  return isHeld(tallyOf(state, process), state.members.get(name)?.departing === true);
}

/** A task that others wait for, done: its end is no reason to end the run. */
export function isCompletedTask(state: Counted, { process }: MemberSpec, exit: Exit): boolean {
  return tallyOf(state, process).tasks > 0 && !isFailure(exit);
}
