/** Whether workers will come for the tasks of a pool that is supervised, as its members in the fleet say. */
import type { Member } from '../fleet/member.ts';
import type { Exit } from '../process/exit.ts';

export type Standing =
  | { readonly is: 'open' }
  /** It has no workers: it is scaled to nothing. */
  | { readonly is: 'empty' }
  /** None of them is to run. */
  | { readonly is: 'stopped' }
  /** Its last workers ended without an answer: the pool was given up. */
  | { readonly is: 'failed'; readonly reason: string }
  /** None of them runs any more, and this one was given up by the fleet. */
  | { readonly is: 'given-up'; readonly exit: Exit }
  /** The run ends. */
  | { readonly is: 'ending' };

/** `failure`: why the pool was given up; null: it was not. */
export function standingOf(
  members: readonly Pick<Member, 'goal' | 'process'>[],
  { failure, isEnding }: { readonly failure: string | null; readonly isEnding: boolean },
): Standing {
  if (isEnding) return { is: 'ending' };
  if (failure !== null) return { is: 'failed', reason: failure };
  if (members.length === 0) return { is: 'empty' };
  if (members.some(mayWork)) return { is: 'open' };
  for (const { goal, process } of members)
    if (goal === 'up' && process.phase.name === 'failed') return { is: 'given-up', exit: process.phase.exit };
  return { is: 'stopped' };
}

/** It runs, or will: also while it waits for what it needs, or for its restart. */
function mayWork({ goal, process: { phase } }: Pick<Member, 'goal' | 'process'>): boolean {
  return goal === 'up' && phase.name !== 'exited' && phase.name !== 'failed';
}
