/** A start or restart on request, of one instance. */
import { stepMember, type Draft } from './draft.ts';
import { needsAreMet } from './needs.ts';
import { isUnkillable } from '../process/state.ts';
import type { Verb } from './tickets.ts';

/** What is asked of the process itself; its goal has been set. */
export function hurryUp(draft: Draft, place: number, verb: Verb, ignoresNeeds: boolean): void {
  const process = draft.state.members.at(place)?.process;
  if (process === undefined || verb === 'stop' || isUnkillable(process.phase)) return;
  const phase = process.phase.name;
  if (phase === 'exited' || phase === 'failed') return stepMember(draft, place, { type: 'forget' });
  // Whoever asks for it now is not told to wait for the delay of a restart.
  const isWaiting = phase === 'backoff';
  if (isWaiting && !ignoresNeeds && lacksNeeds(draft, place))
    return stepMember(draft, place, { type: 'want', want: 'down' });
  // A stage that reads what is left would end soon, and with it the pipeline.
  const isFinishing = process.want === 'finish';
  if (isWaiting || isFinishing || (verb === 'restart' && phase !== 'idle'))
    stepMember(draft, place, { type: 'renew' });
}

/** Then it becomes idle instead, and is started when they are met. */
function lacksNeeds({ state }: Draft, place: number): boolean {
  const spec = state.spec.members[place];
  return spec !== undefined && !needsAreMet(state, spec);
}
