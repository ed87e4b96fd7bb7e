/** What processes exchange: its code is loaded, and its store opened, with the first request for it. */
import type { StorePlaces } from '../../os/messages/open-store.ts';
import type { Exchange } from '../../runtime/exchange/exchange.ts';

export interface LazyExchange {
  /** Rejects where the store cannot be opened, which is tried again at the next call, or this is closed. */
  open(): Promise<Exchange>;
  close(): void;
}

export function createLazyExchange(places: StorePlaces): LazyExchange {
  let opening: Promise<Exchange> | undefined;
  let isClosed = false;

  const load = async (): Promise<Exchange> => {
    const { openExchange } = await import('../exchange.ts');
    if (isClosed) throw new Error('the supervisor is ending');
    return openExchange(places);
  };

  return {
    open() {
      if (opening === undefined) {
        opening = load();
        opening.catch(() => (opening = undefined));
      }
      return opening;
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
