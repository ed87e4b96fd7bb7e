import type { ChangeResult } from '../control/desk.ts';
import { publicExitOf } from '../core/public-exit.ts';
import type { TicketResult } from '../core/tickets.ts';

/** What has become of a request, as the public sees it. */
export function changeResult(result: TicketResult): ChangeResult {
  return { ...result, exit: result.exit === null ? null : publicExitOf(result.exit) };
}
