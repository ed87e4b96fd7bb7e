/** What tells whether a step has looked at all that it had to: the same step with a look at everybody, and a new count. */
import { isDeepStrictEqual } from 'node:util';
import type { FleetEvent, FleetSpec, FleetState, Member, Rolls } from '../../src/core/fleet/state.ts';
import type { FleetStep } from '../../src/core/fleet/step.ts';
import type { OnExit, MemberSpec } from '../../src/core/fleet/spec.ts';
import type { Exit } from '../../src/core/process/exit.ts';
import type { Schedules, SchedulesOptions } from '../../src/runtime/schedules.ts';

/** The core under test: the real one, or a mutant of it. */
export interface Core {
  newFleet(spec: FleetSpec): FleetState;
  stepFleet(state: FleetState, event: FleetEvent, at: { now: number; random: number }): FleetStep;
  stepFleetThoroughly(state: FleetState, event: FleetEvent, at: { now: number; random: number }): FleetStep;
  manned(
    spec: FleetSpec,
    memberOf: (name: string) => Member | undefined,
  ): Pick<FleetState, 'totals' | 'tallies' | 'turns'>;
  fleetSpec(members: readonly MemberSpec[], onExit: OnExit, resident: boolean): FleetSpec;
  judged(exit: Exit, successStatus?: readonly number[]): Exit;
  isUnderway(member: Member): boolean;
  readonly ROLLS: Rolls;
  createSchedules(options: SchedulesOptions): Schedules;
}

/** Effects must be the same in the same order. */
export function whatWasOverlooked(
  core: Core,
  before: FleetState,
  { state, effects, changed }: FleetStep,
  { state: ought, effects: oughtEffects }: FleetStep,
): readonly string[] {
  const wrong: string[] = [];
  if (!isDeepStrictEqual(effects, oughtEffects)) wrong.push('not the effects that a look at everybody has');
  const names = new Set([...before.members.keys(), ...state.members.keys(), ...ought.members.keys()]);
  for (const name of names) {
    const [was, is] = [before.members.get(name), state.members.get(name)];
    if (!isSame(is, ought.members.get(name))) wrong.push(`${name} is not what it would be`);
    const isNews = is?.process !== was?.process || is?.goal !== was?.goal;
    if (isNews && !changed.includes(name)) wrong.push(`${name} has changed, and nobody is told`);
  }
  for (const part of PARTS)
    if (!isSame(state[part], ought[part])) wrong.push(`${part}: not what it would be`);
  const tickets = [state, ought].map((one) => one.tickets.ids().map((id) => [id, one.tickets.get(id)]));
  if (!isSame(tickets[0], tickets[1])) wrong.push('tickets: not what they would be');
  const counted = core.manned(state.spec, (name) => state.members.get(name));
  if (!isSame(state.totals, counted.totals)) wrong.push('the totals are wrong');
  if (!isSame([...state.tallies], [...counted.tallies])) wrong.push('the count of a process is wrong');
  const turns = [state, ought, counted].map(({ turns: { living, total, last } }) => {
    return { living: [...living].filter(([, count]) => count !== 0), total, last };
  });
  if (!isSame(turns[0], turns[1]) || !isSame(turns[0], turns[2])) wrong.push('the turns are wrong');
  return wrong;
}

const PARTS = ['closing', 'firstFailure', 'finished', 'dropped', 'due'] as const;

const isSame = (one: unknown, other: unknown): boolean => one === other || isDeepStrictEqual(one, other);
