/** What clients ask of caps: pools and tasks that other programs run. */
import { queued, refusalOf, unqueued, type Claim } from './caps.ts';
import type { Draft } from './draft.ts';

/** Nothing is given any more while the run ends. */
export function claim({ state, effects }: Draft, id: number, { name, uses }: Claim): void {
  const message =
    state.closing === null ? refusalOf(state, uses)?.message : 'the supervisor is shutting down';
  if (message !== undefined) {
    effects.push({ type: 'refused', claim: id, message });
    return;
  }
  const claims = new Map(state.caps.claims).set(id, { name, uses, isGranted: false });
  state.caps = queued({ ...state.caps, claims }, { claim: id });
}

export function unclaim({ state }: Draft, id: number): void {
  if (!state.caps.claims.has(id)) return;
  const claims = new Map(state.caps.claims);
  claims.delete(id);
  state.caps = unqueued({ ...state.caps, claims }, { claim: id });
}

export function grantClaim({ state, effects }: Draft, id: number): void {
  const claimed = state.caps.claims.get(id);
  if (claimed === undefined) return;
  const claims = new Map(state.caps.claims).set(id, { ...claimed, isGranted: true });
  state.caps = { ...state.caps, claims };
  effects.push({ type: 'granted', claim: id });
}

/** The run ends: those that wait are told, and those that have something keep it as long as they want. */
export function refuseWaitingClaims(draft: Draft): void {
  for (const [id, { isGranted }] of draft.state.caps.claims) {
    if (isGranted) continue;
    unclaim(draft, id);
    draft.effects.push({ type: 'refused', claim: id, message: 'the supervisor is shutting down' });
  }
}
