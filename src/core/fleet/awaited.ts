import type { Awaited } from '../plan/process-plan.ts';
import { awaitedCaps, type Capped } from './caps.ts';
import { awaitedNeeds } from './needs.ts';
import type { FleetState, MemberSpec } from './state.ts';

/** What a waiting member waits for. It asks for caps when its needs are met. */
export function awaitedBy(
  state: Capped & Pick<FleetState, 'tallies'>,
  member: MemberSpec,
): readonly Awaited[] {
  const caps = awaitedCaps(state, member);
  return caps.length > 0 ? caps : awaitedNeeds(state, member);
}
