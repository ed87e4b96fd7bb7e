import type { ChangeResult } from '../control/api.ts';
import { publicExitOf } from '../core/process/public-exit.ts';
import type { TicketResult } from '../core/fleet/tickets.ts';

/** The outcome of a request, as in the API. */
export function changeResult(result: TicketResult): ChangeResult {
  return { ...result, exit: result.exit === null ? null : publicExitOf(result.exit) };
}
