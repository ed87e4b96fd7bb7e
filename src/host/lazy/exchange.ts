/** What processes exchange: its code is loaded, and its store opened, with the first request for it. */
import type { QueueSpec } from '../../core/plan/queues.ts';
import type { StorePlaces } from '../../os/messages/open-store.ts';
import type { Exchange } from '../../runtime/exchange/exchange.ts';

export interface LazyExchange {
  /** Rejects where the store cannot be opened, which is tried again at the next call, or this is closed. */
  open(): Promise<Exchange>;
  /** The queues of procsup.yaml. Answers which of their rules cannot be applied; they are applied at the opening at the latest. */
  declare(queues: readonly QueueSpec[]): Promise<readonly string[]>;
  close(): void;
}

export function createLazyExchange(places: StorePlaces): LazyExchange {
  let opening: Promise<Exchange> | undefined;
  let isClosed = false;
  let declared: readonly QueueSpec[] = [];

  const load = async (): Promise<Exchange> => {
    const { openExchange } = await import('../exchange.ts');
    if (isClosed) throw new Error('the supervisor is ending');
    const exchange = openExchange(places);
    if (declared.length > 0) await exchange.queues.declare(declared).catch(() => undefined);
    return exchange;
  };

  return {
    open() {
      if (opening === undefined) {
        opening = load();
        opening.catch(() => (opening = undefined));
      }
      return opening;
    },
    async declare(queues) {
      declared = queues;
      return opening === undefined ? [] : (await opening).queues.declare(queues);
    },
    close() {
      isClosed = true;
      opening?.then(
        (exchange) => exchange.close(),
        () => undefined,
      );
    },
  };
}
