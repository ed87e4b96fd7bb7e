/** What is shown of the second run of an instance, in a rolling restart. */
import type { Member } from './fleet/member.ts';
import { pidOf } from './process/state.ts';
import type { InstanceSnapshot } from './snapshot.ts';
import type { Usage } from './usage.ts';

/** Under this name the usage of a second run is measured. */
export const otherRunOf = (name: string): string => `${name} (other run)`;

/** Both runs count for their instance. */
export function withOtherRuns(usage: ReadonlyMap<string, Usage>): ReadonlyMap<string, Usage> {
  const all = new Map(usage);
  for (const [name, one] of usage) {
    const other = usage.get(otherRunOf(name));
    if (other !== undefined) all.set(name, sumOf(one, other));
  }
  return all;
}

function sumOf(one: Usage, other: Usage): Usage {
  const sum = (some: number | null, more: number | null): number | null =>
    some === null && more === null ? null : (some ?? 0) + (more ?? 0);
  return { ...one, cpu: sum(one.cpu, other.cpu), memory: sum(one.memory, other.memory) };
}

export function otherRun({ beside }: Pick<Member, 'beside'>): Pick<InstanceSnapshot, 'otherRun'> {
  if (beside === null) return {};
  const { role, process } = beside;
  const is = role === 'past' ? 'old' : 'new';
  return { otherRun: { is, pid: pidOf(process.phase), state: role === 'next' ? 'starting' : 'stopping' } };
}
