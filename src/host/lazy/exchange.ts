/** What processes exchange: its code is loaded with the first request for it. */
import { systemClock } from '../../os/clock.ts';
import type { Exchange } from '../../runtime/exchange/exchange.ts';

export interface LazyExchange {
  /** Rejects where it has been closed. */
  open(): Promise<Exchange>;
  close(): void;
}

export function createLazyExchange(): LazyExchange {
  let opening: Promise<Exchange> | undefined;
  let isClosed = false;

  const load = async (): Promise<Exchange> => {
    const { createExchange } = await import('../../runtime/exchange/exchange.ts');
    if (isClosed) throw new Error('the supervisor is ending');
    return createExchange(systemClock);
  };

  return {
    open: () => (opening ??= load()),
    close() {
      if (isClosed) return;
      isClosed = true;
      opening?.then(
        (exchange) => exchange.close(),
        () => undefined,
      );
    },
  };
}
