/** Whether what processes use of caps can ever be had. */
import { suggest } from '../../text/suggest.ts';
import type { Problem } from '../problem.ts';
import { isService, type CapSpec, type CapUse, type ProcessPlan } from './process-plan.ts';

/** Who uses what: `who` is its subject in a message, such as `'web'`. */
export interface CapUser {
  readonly who: string;
  readonly uses: readonly CapUse[];
  readonly place: Problem['place'];
}

/** As `useProblems`, of the instances of processes and of the tasks of pools. */
export const capProblems = (plans: readonly ProcessPlan[], caps: readonly CapSpec[]): readonly Problem[] =>
  useProblems(
    plans.filter(isService).map(({ name, uses = [], pool, saidAt, place }) => ({
      who: `'${name}'`,
      uses: [...uses, ...(pool?.uses ?? [])],
      place: saidAt?.['uses'] ?? place,
    })),
    caps,
  );

/** Problems: `uses-unknown-cap`, `uses-too-much`. */
export function useProblems(users: readonly CapUser[], caps: readonly CapSpec[]): readonly Problem[] {
  const byName = new Map(caps.map((cap) => [cap.name, cap]));
  const names = [...byName.keys()];
  return users.flatMap(({ who, uses, place }) =>
    uses.flatMap(({ cap, amount }): readonly Problem[] => {
      const soft = byName.get(cap)?.soft;
      if (soft === undefined) {
        const meant = suggest(cap, names);
        const known =
          names.length === 0 ? `add 'caps: {${cap}: 1}' at the top level` : `known caps: ${names.join(', ')}`;
        const remedy = meant === undefined ? known : `did you mean '${meant}'?`;
        return [problem('uses-unknown-cap', `${who} uses the unknown cap '${cap}'`, place, remedy)];
      }
      if (amount <= soft) return [];
      const message = `${who} uses ${String(amount)} of cap '${cap}', which allows ${String(soft)}: it could never start`;
      return [problem('uses-too-much', message, place, 'let it use less, or raise the cap')];
    }),
  );
}

const problem = (code: string, message: string, place: Problem['place'], remedy: string): Problem => ({
  ...{ code, severity: 'error', message, remedy },
  ...(place && { place }),
});
