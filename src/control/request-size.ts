/** How long requests may be, and what those that have not arrived whole take together. */
import { LARGEST_MESSAGE_BYTES } from '../core/exchange/queue/rules.ts';
import { createLineBudget } from './session/line-budget.ts';

const MIB = 1024 * 1024;

/** A line of a session, or the body of a request with a message: the largest one, with each character escaped by one more. */
export const LONGEST_REQUEST_BYTES = 2 * LARGEST_MESSAGE_BYTES + MIB;

const MOST_UNFINISHED_BYTES = 128 * MIB;

/** Of all sessions and bodies. */
export const UNFINISHED = createLineBudget(MOST_UNFINISHED_BYTES);

export const TOO_MUCH_UNFINISHED = `the unfinished requests of all clients are too long together (the limit is ${sizeText(MOST_UNFINISHED_BYTES)})`;

export function sizeText(bytes: number): string {
  return bytes % MIB === 0 ? `${String(bytes / MIB)} MiB` : `${String(bytes / 1024)} KiB`;
}
