import type { Refused as Outcome } from '../../core/exchange/refusal.ts';
import { Refused } from '../route.ts';

/** The statuses of refusals by their codes; 409 for the others. */
const STATUS: Readonly<Record<string, number>> = {
  'lock-timeout': 408,
  'lock-too-many': 503,
};

/** The outcome, if it is none of a refusal; throws that as `Refused`. */
export function settled<T extends object>(outcome: T | Outcome): T {
  if (!('refused' in outcome)) return outcome;
  const { code, message, remedy } = outcome.refused;
  throw new Refused(STATUS[code] ?? 409, code, message, remedy);
}
