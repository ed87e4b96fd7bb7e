/** Whether what processes use of caps can ever be had. */
import { suggest } from '../../text/suggest.ts';
import type { Problem } from '../problem.ts';
import { isService, type CapSpec, type ProcessPlan } from './process-plan.ts';

/** Problems: `uses-unknown-cap`, `uses-too-much`. */
export function capProblems(plans: readonly ProcessPlan[], caps: readonly CapSpec[]): readonly Problem[] {
  const byName = new Map(caps.map((cap) => [cap.name, cap]));
  const names = [...byName.keys()];
  return plans.filter(isService).flatMap(({ name, uses = [], pool, saidAt, place }) =>
    [...uses, ...(pool?.uses ?? [])].flatMap(({ cap, amount }): readonly Problem[] => {
      const at = saidAt?.['uses'] ?? place;
      const soft = byName.get(cap)?.soft;
      if (soft === undefined) {
        const meant = suggest(cap, names);
        const known =
          names.length === 0 ? `add 'caps: {${cap}: 1}' at the top level` : `known caps: ${names.join(', ')}`;
        const remedy = meant === undefined ? known : `did you mean '${meant}'?`;
        return [problem('uses-unknown-cap', `'${name}' uses the unknown cap '${cap}'`, at, remedy)];
      }
      if (amount <= soft) return [];
      const message = `'${name}' uses ${String(amount)} of cap '${cap}', which allows ${String(soft)}: it could never start`;
      return [problem('uses-too-much', message, at, 'let it use less, or raise the cap')];
    }),
  );
}

const problem = (code: string, message: string, place: Problem['place'], remedy: string): Problem => ({
  ...{ code, severity: 'error', message, remedy },
  ...(place && { place }),
});
