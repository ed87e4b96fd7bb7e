/** What a member may do, given the state of those it needs and of those that need it. */
import { isFailure, type Exit } from '../process/exit.ts';
import type { FleetSpec, FleetState, MemberSpec, Need } from './state.ts';
import { isAlive, type Phase, type ProcessState } from '../process/state.ts';

export function needsAreMet(state: FleetState, member: MemberSpec): boolean {
  return member.needs.every((need) => neededBy(state, need).every((process) => isMet(need, process.phase)));
}

/** Why a member can never be started: something it needs has failed for good. */
export function unmeetable(state: FleetState, member: MemberSpec): Exit | undefined {
  const broken = member.needs.find((need) =>
    neededBy(state, need).some((process) => cannotBeMet(need, process.phase)),
  );
  if (broken === undefined) return undefined;
  return { by: 'refusal', error: 'ENEED', message: `it needs '${broken.process}', which failed` };
}

/**
 * Those that need this member's process and are not gone yet: they stop first. Who departs does not wait for those that
 * are to stay, which would be for ever.
 */
export function hasLiveDependents(state: FleetState, member: MemberSpec): boolean {
  const isDeparting = state.members.get(member.name)?.departing === true;
  return dependentsOf(state.spec, member).some(({ name, needs }) => {
    const dependent = state.members.get(name);
    if (dependent === undefined || (isDeparting && dependent.goal === 'up')) return false;
    const needsIt = needs.some((need) => need.process === member.process && need.until !== 'succeeded');
    return needsIt && isAlive(dependent.process.phase);
  });
}

/** A task that others wait for, done: its end is no reason to end the run. */
export function isCompletedTask(spec: FleetSpec, member: MemberSpec, exit: Exit): boolean {
  const isTask = dependentsOf(spec, member).some(({ needs }) =>
    needs.some((need) => need.process === member.process && need.until === 'succeeded'),
  );
  return isTask && !isFailure(exit);
}

function dependentsOf(spec: FleetSpec, member: MemberSpec): readonly MemberSpec[] {
  return spec.dependents.get(member.process) ?? [];
}

/** Who departs is no longer among them. */
function neededBy({ spec, members }: FleetState, need: Need): readonly ProcessState[] {
  return (spec.instances.get(need.process) ?? []).flatMap(({ name }) => {
    const member = members.get(name);
    return member === undefined || member.departing ? [] : member.process;
  });
}

function isMet(need: Need, phase: Phase): boolean {
  switch (need.until) {
    case 'started':
      return phase.name === 'running';
    case 'ready':
      return phase.name === 'running' && phase.ready;
    case 'succeeded':
      return phase.name === 'exited' && !isFailure(phase.exit);
  }
}

function cannotBeMet(need: Need, phase: Phase): boolean {
  if (phase.name === 'failed') return true;
  return phase.name === 'exited' && (need.until !== 'succeeded' || isFailure(phase.exit));
}
