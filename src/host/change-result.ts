import type { ChangeResult } from '../control/api.ts';
import { publicExitOf } from '../core/process/public-exit.ts';
import type { TicketResult } from '../core/fleet/tickets.ts';

/** What has become of a request, as the public sees it. */
export function changeResult(result: TicketResult): ChangeResult {
  return { ...result, exit: result.exit === null ? null : publicExitOf(result.exit) };
}
