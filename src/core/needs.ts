/** What a member may do, given the state of those it needs and of those that need it. */
import { isFailure, type Exit } from './exit.ts';
import type { FleetSpec, FleetState, MemberSpec, Need } from './fleet-state.ts';
import { isAlive, type Phase, type ProcessState } from './process-state.ts';

export function needsAreMet(spec: FleetSpec, state: FleetState, member: MemberSpec): boolean {
  return member.needs.every((need) =>
    neededBy(spec, state, need).every((process) => isMet(need, process.phase)),
  );
}

/** Why a member can never be started: something it needs has failed for good. */
export function unmeetable(spec: FleetSpec, state: FleetState, member: MemberSpec): Exit | undefined {
  const broken = member.needs.find((need) =>
    neededBy(spec, state, need).some((process) => cannotBeMet(need, process.phase)),
  );
  if (broken === undefined) return undefined;
  return { by: 'refusal', error: 'ENEED', message: `it needs '${broken.process}', which failed` };
}

/** Those that need this member's process and are not gone yet: they stop first. */
export function hasLiveDependents(spec: FleetSpec, state: FleetState, member: MemberSpec): boolean {
  return dependentsOf(spec, member).some(
    ({ name, needs }) =>
      needs.some((need) => need.process === member.process && need.until !== 'succeeded') &&
      isAlive(phaseOf(state, name)),
  );
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

function neededBy(spec: FleetSpec, state: FleetState, need: Need): readonly ProcessState[] {
  return (spec.instances.get(need.process) ?? []).flatMap(
    ({ name }) => state.members.get(name)?.process ?? [],
  );
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

function phaseOf(state: FleetState, name: string): Phase {
  return state.members.get(name)?.process.phase ?? { name: 'idle' };
}
