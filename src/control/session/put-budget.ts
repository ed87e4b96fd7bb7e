/** What puts that are not answered hold: those that wait for room keep their messages in memory. */
import { Refused } from '../route.ts';

export type PutBudget = <T>(bytes: number, put: () => Promise<T>) => Promise<T>;

/** Of all sessions and single requests together. */
export const MOST_PUT_BYTES = 256 * 1024 * 1024;

/** Throws `Refused` where there is no room for so many bytes. */
export function createPutBudget(mostBytes = MOST_PUT_BYTES): PutBudget {
  let held = 0;
  return async (bytes, put) => {
    if (held + bytes > mostBytes)
      throw new Refused(
        503,
        'busy',
        `the messages that wait to be stored are too many (the limit is ${String(mostBytes / 1024 / 1024)} MiB)`,
        'try again later',
      );
    held += bytes;
    try {
      return await put();
    } finally {
      held -= bytes;
    }
  };
}
