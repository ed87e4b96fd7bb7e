/** A queue on an engine, before the engine answers: it is connected at the first request, and again after a failure. */
import type { QueueBackend } from '../../../ports/queue-backend.ts';

export function createRemoteQueue(connect: () => Promise<QueueBackend>): QueueBackend {
  let connecting: Promise<QueueBackend> | undefined;
  let isClosed = false;

  const connected = (): Promise<QueueBackend> => {
    if (connecting !== undefined) return connecting;
    const one = connect();
    connecting = one;
    one.then(
      (queue) => {
        if (isClosed) queue.close();
      },
      () => {
        if (connecting === one) connecting = undefined;
      },
    );
    return one;
  };

  return {
    put: async (items, waitMs, client) => (await connected()).put(items, waitMs, client),
    get: async (most, waitMs, leaseMs, client) => (await connected()).get(most, waitMs, leaseMs, client),
    ack: async (leases) => (await connected()).ack(leases),
    nack: async (leases, end) => (await connected()).nack(leases, end),
    extend: async (leases, leaseMs) => (await connected()).extend(leases, leaseMs),
    peek: async (most, which) => (await connected()).peek(most, which),
    remove: async (ids) => (await connected()).remove(ids),
    retry: async (ids) => (await connected()).retry(ids),
    drain: async () => (await connected()).drain(),
    change: async (changed) => (await connected()).change(changed),
    drop: async () => (await connected()).drop(),
    info: async () => (await connected()).info(),
    close() {
      isClosed = true;
      connecting?.then(
        (queue) => queue.close(),
        () => undefined,
      );
    },
  };
}
