import type { Refused as Outcome } from '../../core/exchange/refusal.ts';
import { Refused } from '../route.ts';

/** The statuses of refusals by their codes; 409 for the others. */
const STATUS: Readonly<Record<string, number>> = {
  'lock-timeout': 408,
  'lock-too-many': 503,
  'unknown-value': 404,
  'value-timeout': 408,
  'value-too-large': 413,
  'value-too-many': 503,
  'flag-timeout': 408,
  'flag-too-many': 503,
  'barrier-timeout': 408,
  'barrier-too-many': 503,
  'channel-timeout': 408,
  'channel-too-many': 503,
  'too-large': 413,
  'unknown-channel': 404,
  'session-needed': 400,
  'unknown-process': 404,
};

/** The outcome, if it is none of a refusal; throws that as `Refused`. */
export function settled<T extends object>(outcome: T | Outcome): T {
  if (!('refused' in outcome)) return outcome;
  const { code, message, remedy } = outcome.refused;
  throw new Refused(STATUS[code] ?? 409, code, message, remedy);
}
