/** The loop over the messages of a queue. The next ones are asked for while these are worked on, so no turn waits. */
import type { Ends } from './ends.ts';
import type { GivenMessage } from './message.ts';
import type { GetOptions } from './options.ts';

interface Source {
  readonly get: (options: GetOptions) => Promise<readonly GivenMessage[]>;
  readonly ends: Ends;
  readonly isClosed: () => boolean;
}

/** A `get` of the loop: it is asked again after that. */
const LOOP_WAIT_MS = 60_000;

export async function* takeMessages(
  { get, ends, isClosed }: Source,
  how: Omit<GetOptions, 'waitMs'> = {},
): AsyncGenerator<GivenMessage, void, undefined> {
  // A reader of single messages keeps none from the others, and a lease with a time would begin too early.
  const isAhead = (how.count ?? 1) > 1 && how.leaseMs === undefined;
  let batch: readonly GivenMessage[] = [];
  let next: Promise<readonly GivenMessage[]> | undefined;
  let done = 0;
  try {
    while (!isClosed()) {
      batch = (await next) ?? [];
      next = undefined;
      done = 0;
      if (batch.length === 0) batch = await get({ ...how, waitMs: LOOP_WAIT_MS });
      // What is there; a `get` that waits would take one more when the loop is left.
      if (isAhead) next = ahead(get(how));
      for (const message of batch) {
        done += 1;
        yield message;
        if (isClosed()) return;
      }
    }
  } catch (error) {
    if (!isClosed()) throw error;
  } finally {
    const unseen = [...batch.slice(done), ...(await settled(next))];
    if (unseen.length > 0 && !isClosed())
      await ends.giveBack(unseen.map(({ lease }) => lease)).catch(() => undefined);
  }
}

/** That it failed is heard where it is awaited. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

const settled = (next: Promise<readonly GivenMessage[]> | undefined): Promise<readonly GivenMessage[]> =>
  (next ?? Promise.resolve([])).catch(() => []);
