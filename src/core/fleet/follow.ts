/**
 * What happens to a member when one that it needs does not run on: it is stopped for good, or until its needs are met again.
 * Without a word about that in its needs, nothing.
 */
import { putMember, setDown, stepMember, type Draft } from './draft.ts';
import type { Member } from './member.ts';
import { isAlive } from '../process/state.ts';

/**
 * Those that need what does not run on since this was last asked, and those that need them. Before anything of it is stopped,
 * so that the last of them can go first. `wanted`: they are asked for now, and not stopped for good.
 */
export function followEnds(draft: Draft, wanted: ReadonlySet<number> = NONE): void {
  const { spec, closing } = draft.state;
  for (let place = draft.ends.pop(); place !== undefined; place = draft.ends.pop()) {
    const needed = spec.needed[spec.counts[place]?.own ?? -1];
    if (needed === undefined || closing !== null) continue;
    const need = spec.members[place]?.process ?? '';
    for (const { place: other, how } of needed.followers)
      follow(draft, other, wanted.has(other) ? 'restart' : how, need);
  }
}

const NONE: ReadonlySet<number> = new Set();

function follow(draft: Draft, place: number, how: 'restart' | 'stop', need: string): void {
  const member = draft.state.members.at(place);
  const { name = '' } = draft.state.spec.members[place] ?? {};
  if (member?.goal !== 'up' || !isThere(member)) return;
  if (member.awaitsNeeds && how === 'restart') return;
  draft.effects.push({ type: 'record', event: { type: 'followed', name, need, how } });
  if (how === 'stop') return setDown(draft, place, false);
  // Its program has ended by itself: that is not what becomes of it.
  if (hasEnded(member)) stepMember(draft, place, { type: 'renew' });
  const is = draft.state.members.at(place) ?? member;
  putMember(draft, place, is, { ...is, awaitsNeeds: true });
}

const hasEnded = ({ process: { phase } }: Member): boolean =>
  phase.name === 'clearing' || phase.name === 'ending';

const isThere = ({ process: { phase } }: Member): boolean => isAlive(phase) || phase.name === 'backoff';
