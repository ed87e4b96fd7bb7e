/** The rules of a queue, which its user may set. */
import { formatSize } from '../../../text/size.ts';
import type { NewMessage } from './events.ts';

export interface QueueRules {
  /** Messages that wait, are delayed or leased; null: as many as there is room for. */
  readonly maxsize: number | null;
  /** Runs that may begin before a message goes to the dead letters. */
  readonly attempts: number;
  /** Before the second run; doubled with each further one. */
  readonly backoffMs: number;
  /** The largest message that is taken; those that are there stay. At most `LARGEST_MESSAGE_BYTES`. */
  readonly maxMessageBytes: number;
}

const MIB = 1024 * 1024;
export const LARGEST_MESSAGE_BYTES = 16 * MIB;

export const DEFAULT_RULES: QueueRules = {
  maxsize: null,
  attempts: 5,
  backoffMs: 1000,
  maxMessageBytes: MIB,
};

export const LONGEST_BACKOFF_MS = 60_000;

/** `failed`: runs that have failed, this one included. */
export function backoffAfter({ backoffMs }: QueueRules, failed: number): number {
  return Math.min(backoffMs * 2 ** Math.min(failed - 1, 30), Math.max(LONGEST_BACKOFF_MS, backoffMs));
}

export interface TooLarge {
  readonly message: string;
  readonly remedy: string;
}

/** Undefined: the queue takes them all. */
export function whyTooLarge(
  name: string,
  { maxMessageBytes }: QueueRules,
  items: readonly NewMessage[],
): TooLarge | undefined {
  const found = items.find(({ bytes }) => bytes > maxMessageBytes);
  if (found === undefined) return undefined;
  const { bytes } = found;
  const limit = `the limit of queue '${name}' is ${formatSize(maxMessageBytes)}`;
  return {
    message: `message too large (${String(bytes)} bytes; ${limit})`,
    remedy:
      bytes > LARGEST_MESSAGE_BYTES
        ? 'put it in a file, and its path in the message'
        : `raise the limit with 'procsup queue set ${name} --max-message ${formatSize(LARGEST_MESSAGE_BYTES)}', or put a path in the message`,
  };
}
